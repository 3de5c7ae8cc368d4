/** A real Prometheus: a child process on loopback with the scrape configuration of a test, queried over its HTTP API. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { refusedPort } from './loopback';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;
const WAIT_TIMEOUT_MS = 30_000;
/** Prometheus does not notify about scrapes, so it is polled at this interval. */
const ASK_EVERY_MS = 50;
/** Prometheus records when a scrape was due; it begins at most this much later. */
const SCRAPE_SKEW_MS = 10;

/** One series at one moment. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface PrometheusOptions {
  /** The prometheus to run. */
  readonly program: string;
  readonly scrapeIntervalMs: number;
  /** As in prometheus.yml, `scrape_configs`. */
  readonly jobs: readonly object[];
  /** Absolute paths of rule files; they are evaluated each second. */
  readonly rules?: readonly string[];
}

/** What promtool says, and whether it was content. */
export function promtool(program: string, args: readonly string[], input = ''): { ok: boolean; said: string } {
  const { status, stdout, stderr } = spawnSync(program, args, { input, encoding: 'utf8' });
  return { ok: status === 0, said: stdout + stderr };
}

/** Starts a Prometheus on a free port; resolves when it answers. */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const directory = mkdtempSync(join(tmpdir(), 'phase0-prometheus-'));
  const port = await refusedPort();
  const config = {
    global: { scrape_interval: `${options.scrapeIntervalMs}ms`, evaluation_interval: '1s' },
    rule_files: options.rules ?? [],
    scrape_configs: options.jobs,
  };
  // All JSON is YAML.
  writeFileSync(join(directory, 'prometheus.yml'), JSON.stringify(config));
  const child = spawn(
    options.program,
    [
      `--config.file=${join(directory, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const prometheus = new Prometheus(child, `http://127.0.0.1:${port}`, directory);
  try {
    await prometheus.ready();
  } catch (error) {
    await prometheus.stop();
    throw error;
  }
  return prometheus;
}

export class Prometheus {
  private output = '';
  private readonly changes = new EventEmitter();
  private readonly killWithUs = () => this.child.kill('SIGKILL');

  constructor(
    private readonly child: ChildProcess,
    private readonly url: string,
    private readonly directory: string,
  ) {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
      this.changes.emit('change');
    });
    child.once('exit', () => this.changes.emit('change'));
    process.once('exit', this.killWithUs);
  }

  async ready(): Promise<void> {
    const signal = AbortSignal.timeout(START_TIMEOUT_MS);
    while (!this.output.includes('Server is ready to receive web requests')) {
      if (!this.running) throw new Error(`Prometheus ended before it was ready\n${this.output.slice(-4000)}`);
      await once(this.changes, 'change', { signal });
    }
  }

  /** The value of an expression now; an error of Prometheus' is thrown. */
  async query(expression: string): Promise<Sample[]> {
    const { resultType, result } = await this.ask<QueryResult>('query', { query: expression });
    if (resultType !== 'vector') throw new Error(`${expression} is a ${resultType}, not a vector`);
    return result.map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }));
  }

  /** Asks until the answer fits. */
  async until(expression: string, fits: (samples: readonly Sample[]) => boolean): Promise<Sample[]> {
    const endsAt = Date.now() + WAIT_TIMEOUT_MS;
    for (;;) {
      const samples = await this.query(expression);
      if (fits(samples)) return samples;
      if (Date.now() > endsAt)
        throw new Error(`${expression} is ${JSON.stringify(samples)} after ${WAIT_TIMEOUT_MS} ms`);
      await pause();
    }
  }

  /** Asks until the first value reaches `value`. */
  async reaches(expression: string, value: number): Promise<void> {
    await this.until(expression, ([first]) => first !== undefined && first.value >= value);
  }

  /** Resolves when a scrape of `job` that began after this call, and succeeded, is stored. */
  async scraped(job: string): Promise<void> {
    await this.reaches(`timestamp(up{job="${job}"}) and up{job="${job}"} == 1`, (Date.now() + SCRAPE_SKEW_MS) / 1000);
  }

  /** The rules, once each has been evaluated since this was asked for. */
  async rules(): Promise<Rule[]> {
    const askedAt = Date.now();
    for (;;) {
      const { groups } = await this.ask<{ groups: { rules: Rule[] }[] }>('rules');
      const rules = groups.flatMap((group) => group.rules);
      if (rules.length > 0 && rules.every(({ lastEvaluation }) => Date.parse(lastEvaluation) > askedAt)) return rules;
      if (Date.now() > askedAt + WAIT_TIMEOUT_MS) throw new Error(`no evaluation in time: ${JSON.stringify(rules)}`);
      await pause();
    }
  }

  /** What one of its endpoints under /api/v1/ has as `data`. */
  async ask<T>(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<T> {
    const response = await fetch(`${this.url}/api/v1/${path}?${new URLSearchParams(parameters).toString()}`);
    const answer = (await response.json()) as { status: string; error?: string; data: T };
    if (answer.status !== 'success') throw new Error(`${path} ${JSON.stringify(parameters)}: ${answer.error}`);
    return answer.data;
  }

  async stop(): Promise<void> {
    const exited = this.running ? once(this.child, 'exit') : undefined;
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
    process.removeListener('exit', this.killWithUs);
    rmSync(this.directory, { recursive: true, force: true });
  }

  private get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }
}

/** As Prometheus lists it. */
export interface Rule {
  readonly type: 'recording' | 'alerting';
  readonly name: string;
  readonly health: string;
  readonly lastEvaluation: string;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
}

interface QueryResult {
  readonly resultType: string;
  readonly result: readonly {
    readonly metric: Readonly<Record<string, string>>;
    readonly value: readonly [at: number, value: string];
  }[];
}
