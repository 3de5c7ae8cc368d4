/** Processes of `npm run fleet`, each the leader of a group of its own, so that nothing of them stays. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** What a process gets to end by itself. */
const END_MS = 8000;

export class Children {
  #running = new Set();

  /** Starts a program of Node.js; its output is kept for `failure`, and `onExit` hears of its end. */
  start(args, { env = {}, onExit = () => undefined } = {}) {
    const child = spawn(process.execPath, args, {
      detached: true,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (output = (output + text).slice(-4000)));
    }
    const entry = { child, pid: child.pid, output: () => output, ended: once(child, 'exit') };
    this.#running.add(entry);
    void entry.ended.then(([code]) => {
      this.#running.delete(entry);
      onExit(code);
    });
    return entry;
  }

  /** Like a power cut. */
  kill(entry) {
    signal(entry.pid, 'SIGKILL');
  }

  /** Ends all of them; those that take too long are killed. */
  async end() {
    const entries = [...this.#running];
    for (const { pid } of entries) signal(pid, 'SIGTERM');
    const timer = setTimeout(() => this.killAll(), END_MS);
    await Promise.all(entries.map(({ ended }) => ended));
    clearTimeout(timer);
  }

  killAll() {
    for (const { pid } of this.#running) signal(pid, 'SIGKILL');
  }
}

function signal(pid, name) {
  try {
    process.kill(-pid, name);
  } catch {
    // It has ended.
  }
}
