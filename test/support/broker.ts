/** A private RabbitMQ on loopback, with free ports and an epmd of its own. Those that still run end with the process. */
import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { locate } from './requirements';

export interface BrokerOptions {
  /** Files in PEM; it listens with TLS as well. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string };
  /** Lines for rabbitmq.conf. */
  readonly config?: readonly string[];
}

const USER = 'phase0';
const PASSWORD = 'not-a-secret-here';
/** A machine under load takes long to start it. */
const START_MS = 60_000;
const brokers = new Set<PrivateBroker>();

const killAll = (): void => {
  for (const broker of brokers) broker.killNow();
};
process.once('exit', killAll);
// A process that a signal ends has no event `exit`; one that listens ends itself.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    if (process.listenerCount(signal) > 0) return;
    killAll();
    process.kill(process.pid, signal);
  });
}

export class PrivateBroker {
  private child: ChildProcess | undefined;
  private readonly home = mkdtempSync(join(tmpdir(), 'phase0-broker-'));

  private constructor(
    private readonly ports: {
      readonly amqp: number;
      readonly tls: number;
      readonly epmd: number;
      readonly dist: number;
    },
    private readonly options: BrokerOptions,
  ) {}

  /** Starts one with nothing in it. */
  static async start(options: BrokerOptions = {}): Promise<PrivateBroker> {
    const [amqp, tls, epmd, dist] = await freePorts(4);
    const broker = new PrivateBroker({ amqp, tls, epmd, dist } as PrivateBroker['ports'], options);
    broker.configure();
    brokers.add(broker);
    await broker.start();
    return broker;
  }

  get port(): number {
    return this.ports.amqp;
  }

  /** Of the process whose group is the broker. */
  get pid(): number {
    if (this.child?.pid === undefined) throw new Error('the broker does not run');
    return this.child.pid;
  }

  get url(): string {
    return this.urlAt(this.port);
  }

  get tlsUrl(): string {
    return `amqps://${USER}:${PASSWORD}@127.0.0.1:${this.ports.tls}`;
  }

  urlAt(port: number, host = '127.0.0.1'): string {
    return `amqp://${USER}:${PASSWORD}@${host}:${port}`;
  }

  /** Starts it again with what it has on disk; resolves when it accepts connections. */
  async start(): Promise<void> {
    const { server } = locate('rabbitmq').paths;
    this.child = spawn(server, [], { env: this.env(), stdio: ['ignore', 'ignore', 'ignore'], detached: true });
    const { child } = this;
    const deadline = Date.now() + START_MS;
    while (!(await accepts(this.port))) {
      if (child.exitCode !== null)
        throw new Error(`rabbitmq-server ended with ${child.exitCode}; see ${this.home}/log`);
      if (Date.now() > deadline) throw new Error(`rabbitmq-server does not listen; see ${this.home}/log`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Runs rabbitmqctl, which takes seconds. */
  async ctl(...args: readonly string[]): Promise<void> {
    const { ctl } = locate('rabbitmq').paths;
    await promisify(execFile)(ctl, ['--node', `phase0-${this.ports.amqp}@localhost`, ...args], { env: this.env() });
  }

  /** Stops it in an orderly way. */
  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  /** Ends it like a power cut. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async remove(): Promise<void> {
    if (this.child) await this.kill();
    this.killNow();
    brokers.delete(this);
    rmSync(this.home, { recursive: true, force: true, maxRetries: 5 });
  }

  killNow(): void {
    if (this.child?.pid !== undefined) signalGroup(this.child.pid, 'SIGKILL');
    const { epmd } = locate('rabbitmq').paths;
    spawnSync(epmd, ['-port', String(this.ports.epmd), '-kill'], { env: { ...process.env, ...this.epmdEnv() } });
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (!child || child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    signalGroup(child.pid, signal);
    await ended;
    this.child = undefined;
    // The port for other nodes is the last one that it closes.
    while (await accepts(this.ports.dist)) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  private configure(): void {
    const { tls, config = [] } = this.options;
    const lines = [
      `listeners.tcp.1 = 127.0.0.1:${this.ports.amqp}`,
      ...(tls
        ? [
            `listeners.ssl.1 = 127.0.0.1:${this.ports.tls}`,
            `ssl_options.cacertfile = ${tls.ca}`,
            `ssl_options.certfile = ${tls.cert}`,
            `ssl_options.keyfile = ${tls.key}`,
          ]
        : []),
      `default_user = ${USER}`,
      `default_pass = ${PASSWORD}`,
      'log.console = false',
      'disk_free_limit.absolute = 50MB',
      'vm_memory_high_watermark.relative = 0.6',
      ...config,
    ];
    writeFileSync(join(this.home, 'rabbitmq.conf'), `${lines.join('\n')}\n`);
    writeFileSync(join(this.home, 'enabled_plugins'), '[rabbitmq_sharding].\n');
    writeFileSync(join(this.home, '.erlang.cookie'), 'PHASE0TESTCOOKIE');
    chmodSync(join(this.home, '.erlang.cookie'), 0o600);
  }

  private epmdEnv(): NodeJS.ProcessEnv {
    return { ERL_EPMD_ADDRESS: '127.0.0.1', ERL_EPMD_PORT: String(this.ports.epmd), HOME: this.home };
  }

  private env(): NodeJS.ProcessEnv {
    const { home, ports } = this;
    return {
      PATH: process.env.PATH,
      LANG: 'C.UTF-8',
      ...this.epmdEnv(),
      RABBITMQ_NODENAME: `phase0-${ports.amqp}@localhost`,
      RABBITMQ_CONF_ENV_FILE: '/dev/null',
      RABBITMQ_CONFIG_FILE: join(home, 'rabbitmq.conf'),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(home, 'enabled_plugins'),
      RABBITMQ_MNESIA_BASE: join(home, 'data'),
      RABBITMQ_LOG_BASE: join(home, 'log'),
      RABBITMQ_PID_FILE: join(home, 'pid'),
      RABBITMQ_DIST_PORT: String(ports.dist),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1} +S 2:2',
    };
  }
}

/** Also of what the server has started. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended.
  }
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const done = (is: boolean) => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', () => done(true)).once('error', () => done(false));
  });
}
