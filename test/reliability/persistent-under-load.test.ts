/** `connection: persistent` for long: very many toggles at once, and a peer that keeps dying. */
import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { FrameDecoder } from '../../src/protocol/frame';
import { decodeToggle, encodeReply, type ToggleRequest } from '../../src/protocol/toggle';
import { seededRandom } from '../../src/simulator/seeded-random';
import type { Verdict } from '../../src/verdict';
import { deviceAt } from '../support/devices';
import { listen } from '../support/loopback';
import type { Birth } from '../support/crashing-device';

describe('a persistent connection, under load', function () {
  this.timeout(90_000);

  it('64 device ids, 100,000 toggles, replies in any order: each confirmed once, every state as it was last asked', async () => {
    const toggles = 100_000;
    const peer = await shuffler(seededRandom(64));
    const { device, decodeErrors } = deviceAt(peer.port, {
      connection: 'persistent',
      reply: 'framed',
      ioTimeoutMs: 10_000,
      connectTimeoutMs: 10_000,
    });
    const random = seededRandom(100_000);
    const confirmed = new Set<string>();
    const lastState = new Map<string, boolean>();
    let asked = 0;
    const lane = async (deviceId: string) => {
      while (asked < toggles) {
        asked += 1;
        const state = random() < 0.5;
        const verdict = await device.toggle({ deviceId, state });
        assert.equal(`${verdict.outcome} ${verdict.attempts} ${verdict.reportedState}`, `confirmed 1 ${state}`);
        confirmed.add(verdict.msgId);
        lastState.set(deviceId, state);
      }
    };
    await Promise.all(Array.from({ length: 64 }, (_, index) => lane(`lamp-${index}`)));

    assert.equal(confirmed.size, toggles);
    assert.equal(peer.heard.size, toggles);
    assert.ok([...peer.heard].every(([msgId, times]) => times === 1 && confirmed.has(msgId)));
    assert.equal(lastState.size, 64);
    assert.deepEqual(peer.states, lastState);
    assert.ok(peer.overtaken > toggles / 2, `only ${peer.overtaken} replies were out of order`);
    assert.equal(peer.connections, 1);
    assert.deepEqual(decodeErrors, []);
  });
});

/** Delays replies and sends them in another order. */
async function shuffler(random: () => number) {
  const held: { request: ToggleRequest; place: number; socket: Socket }[] = [];
  const peer = { heard: new Map<string, number>(), states: new Map<string, boolean>(), connections: 0, overtaken: 0 };
  let place = 0;
  let latest = 0;
  const reply = () => {
    const speaker = held[0]?.socket;
    // Many replies in one packet: the reader must find each of them.
    speaker?.cork();
    while (held.length > 0) {
      const [next] = held.splice(Math.floor(random() * held.length), 1);
      if (!next) return;
      const { msgId, state } = next.request;
      if (next.place < latest) peer.overtaken += 1;
      latest = Math.max(latest, next.place);
      next.socket.write(encodeReply({ kind: 'ack', msgId, state }));
    }
    speaker?.uncork();
  };
  const { port } = await listen((socket) => {
    peer.connections += 1;
    const decoder = new FrameDecoder();
    socket.on('data', (chunk) => {
      decoder.push(chunk, ({ payload }) => {
        const request = decodeToggle(payload);
        peer.heard.set(request.msgId, (peer.heard.get(request.msgId) ?? 0) + 1);
        peer.states.set(request.deviceId, request.state);
        held.push({ request, place: (place += 1), socket });
      });
      // 16 are a crowd; fewer wait for one turn of the loop only, or the last ones would wait for good.
      if (held.length >= 16) reply();
      else setImmediate(reply);
    });
  });
  return Object.assign(peer, { port });
}

describe('a peer that is killed every 2 s', function () {
  this.timeout(120_000);
  const forMs = 60_000;
  const everyMs = 2000;
  let folder: string;
  const peers: CrashingDevice[] = [];
  before(() => (folder = mkdtempSync(join(tmpdir(), 'phase0-crashing-'))));
  after(async () => {
    for (const peer of peers) await peer.die();
    rmSync(folder, { recursive: true, force: true });
  });

  // Both at once: what takes time here is the dying.
  it('for 60 s: one honest verdict for each toggle, nothing applied twice, nothing left over', async () => {
    // One turn later, the test's own timer is there too.
    await new Promise((resolve) => setImmediate(resolve));
    const held = resources();
    await Promise.all(
      (['persistent', 'per-toggle'] as const).map(async (connection) => {
        const peer = new CrashingDevice(join(folder, connection));
        peers.push(peer);
        await peer.live();
        const settings = { connection, reply: 'framed', maxAttempts: 5, backoffBaseMs: 100, jitterMs: 50 };
        const { device } = deviceAt(peer.port, { ...settings, connectTimeoutMs: 1000, ioTimeoutMs: 1500 });
        const until = performance.now() + forMs;
        const [verdicts] = await Promise.all([traffic(device, until), crashRepeatedly(peer, until)]);
        device.close();
        await peer.die();
        judge(connection, verdicts, readFileSync(peer.journal, 'utf8').split('\n').slice(0, -1), peer.starts);
      }),
    );
    // Handles close in a turn of the loop each.
    const giveUpAt = performance.now() + 5000;
    const excess = () => resources().sockets > held.sockets || resources().timers > held.timers;
    while (excess() && performance.now() < giveUpAt) await new Promise((resolve) => setImmediate(resolve));
    assert.ok(!excess(), `${JSON.stringify(resources())}, at first ${JSON.stringify(held)}`);
  });

  /** 16 lanes, at most 200 toggles a second in all. */
  async function traffic(device: ReturnType<typeof deviceAt>['device'], until: number): Promise<ParsedArguments[]> {
    const all: ParsedArguments[] = [];
    const lane = async (deviceId: string) => {
      for (let state = true; performance.now() < until; state = !state) {
        const toggle: ParsedArguments = { verdicts: [] };
        all.push(toggle);
        await device.toggle({ deviceId, state, observer: { verdict: (verdict) => toggle.verdicts.push(verdict) } });
        await pause(80);
      }
    };
    await Promise.all(Array.from({ length: 16 }, (_, index) => lane(`lamp-${index}`)));
    return all;
  }

  async function crashRepeatedly(peer: CrashingDevice, until: number): Promise<void> {
    for (let at = until - forMs + everyMs; at < until; at += everyMs) {
      await pause(Math.max(0, at - performance.now()));
      await peer.die();
      await peer.live();
    }
  }

  function judge(
    connection: string,
    asked: readonly ParsedArguments[],
    journal: readonly string[],
    starts: number,
  ): void {
    assert.ok(asked.every(({ verdicts }) => verdicts.length === 1));
    const verdicts = asked.flatMap((toggle) => toggle.verdicts);
    const applied = new Set(journal);
    assert.equal(applied.size, journal.length, 'something was applied twice');
    const confirmed = verdicts.filter(({ outcome }) => outcome === 'confirmed');
    const failed = verdicts.filter(({ outcome }) => outcome === 'failed');
    assert.ok(
      confirmed.every(({ msgId }) => applied.has(msgId)),
      'confirmed, yet not applied',
    );
    assert.ok(!failed.some(({ msgId }) => applied.has(msgId)), 'failed, yet applied');
    assert.equal(new Set([...verdicts.map(({ msgId }) => msgId), ...journal]).size, verdicts.length);

    const retried = confirmed.filter(({ attempts }) => attempts > 1);
    const others = verdicts.filter(({ outcome }) => outcome !== 'confirmed');
    const why = others.map(({ outcome, reason }) => `${outcome}/${reason}`).toSorted();
    const most = Math.max(...verdicts.map(({ attempts }) => attempts));
    const counts = `${confirmed.length} of ${verdicts.length} confirmed, ${retried.length} after up to ${most} attempts`;
    console.log(`${connection}, ${starts} processes: ${counts}; others: ${why.join(', ') || 'none'}`);
    assert.ok(starts >= forMs / everyMs - 1, `${starts} processes`);
    assert.ok(retried.length > 0, 'no toggle was retried');
    assert.ok(confirmed.length > 0.95 * verdicts.length, `${counts}: ${why.join()}`);
  }
});

interface ParsedArguments {
  readonly verdicts: Verdict[];
}

/** One device, in one process after the other, on the port of the first. */
class CrashingDevice {
  port = 0;
  starts = 0;
  private child: ChildProcess | undefined;

  constructor(readonly journal: string) {}

  async live(): Promise<void> {
    this.child = fork(require.resolve('../support/crashing-device'), [this.journal, String(this.port)]);
    const [{ port }] = (await once(this.child, 'message')) as [Birth];
    this.port = port;
    this.starts += 1;
  }

  async die(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

/** What the process holds that a device may have left behind. */
function resources(): { sockets: number; timers: number } {
  const all = process.getActiveResourcesInfo();
  const count = (kind: string) => all.filter((each) => each === kind).length;
  return { sockets: count('TCPSocketWrap'), timers: count('Timeout') };
}
