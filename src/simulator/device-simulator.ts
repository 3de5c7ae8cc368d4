/** Owns the simulated device: a real TCP server with faults. Hostile bytes end their connection, never the server. */
import { EventEmitter, once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions as TlsServerOptions } from 'node:tls';
import { ProtocolError } from '../errors';
import { parseSettings, show } from '../field';
import { MAGIC, VERSION, type Frame } from '../protocol/frame';
import { decodeToggle } from '../protocol/toggle';
import { Ledger, type ReceivedPacket } from './ledger';
import { MODE_BEHAVIOURS, type Behaviour } from './modes';
import { seededRandom } from './seeded-random';
import { Session } from './session';
import { isMode, simulatorFields, type Mode, type SimulatorSettings } from './settings';

export type { ReceivedPacket } from './ledger';

interface Events {
  packet: [ReceivedPacket];
  listening: [];
  mode: [Mode];
  malformed: [ProtocolError];
  error: [Error];
}

/** What a simulated device works with; what is absent takes its default. */
export interface SimulatorOptions extends Partial<SimulatorSettings> {
  /** Speaks TLS with these options of node:tls, `cert` and `key` among them; absent = plain TCP. */
  readonly tls?: TlsServerOptions;
}

/** Deeper JSON overflows the stack of listeners that copy or print it. */
const MAX_NESTING = 32;

/**
 * A Phase 0 device for tests, flows and the shell. It remembers the newest 10,000 packets and 100,000 msg_ids.
 * `error` is only emitted to listeners: without one it throws nothing.
 */
export class DeviceSimulator extends EventEmitter<Events> {
  /** Wait of the modes `delay` and `drip`, in ms. */
  delayMs: number;
  reply: SimulatorSettings['reply'];
  /** Share of packets that fail in mode `flaky`, 0–1. */
  failureRate: number;
  readonly host: string;
  private readonly ledger = new Ledger();
  private readonly sockets = new Set<Socket>();
  private readonly random: () => number;
  private readonly tls: TlsServerOptions | undefined;
  private currentMode: Mode;
  private currentPort: number;
  private server: Server | undefined;
  private turns = Promise.resolve();
  private running = false;
  private rejectNext = false;
  private connections = 0;

  /** Throws TypeError on an option out of range. */
  constructor({ tls, ...options }: SimulatorOptions = {}) {
    super();
    this.tls = tls;
    const parsed = parseSettings(simulatorFields, options);
    if (!parsed.ok) throw new TypeError(parsed.problems.join('; '));
    const { host, port, mode, reply, delayMs, failureRate, seed } = parsed.settings;
    this.host = host;
    this.currentPort = port;
    this.currentMode = mode;
    this.reply = reply;
    this.delayMs = delayMs;
    this.failureRate = failureRate;
    this.random = seededRandom(seed);
  }

  get mode(): Mode {
    return this.currentMode;
  }

  /** The port it listens on; before start, the one asked for. */
  get port(): number {
    return this.currentPort;
  }

  /** The newest 10,000 packets, oldest first. */
  get receivedPackets(): readonly ReceivedPacket[] {
    return this.ledger.packets;
  }

  /** The state of every device id that was switched. */
  get states(): ReadonlyMap<string, boolean> {
    return this.ledger.states;
  }

  /** How many toggles were carried out; one that is repeated counts once. */
  get appliedCount(): number {
    return this.ledger.appliedCount;
  }

  /** Connections accepted since the start. */
  get connectionCount(): number {
    return this.connections;
  }

  get openConnections(): number {
    return this.sockets.size;
  }

  /** Listens, unless the mode is `reject`; once is enough. Rejects when the address is taken. */
  async start(): Promise<{ host: string; port: number }> {
    this.running = true;
    await this.settle();
    return { host: this.host, port: this.port };
  }

  /**
   * Changes the behaviour for the packets to come; `reject` also closes what is connected.
   * Rejects, and emits `error`, when a port given up for `reject` was taken since; setting a mode again tries again.
   */
  async setMode(mode: Mode): Promise<void> {
    if (!isMode(mode)) throw new TypeError(`mode must be ${simulatorFields.mode.accepts}, not ${show(mode)}`);
    this.currentMode = mode;
    try {
      await this.settle();
    } catch (error) {
      this.report(error as Error);
      throw error;
    }
    this.emit('mode', mode);
  }

  /** Resets the next connection as soon as it is accepted. */
  rejectNextConnection(): void {
    this.rejectNext = true;
  }

  /** Frees port, sockets and timers, also while it starts; calling it twice is fine. */
  async close(): Promise<void> {
    this.running = false;
    await this.settle();
  }

  /** Opens or closes the port as is wanted by then. By turns: a port half open can't be closed. */
  private settle(): Promise<void> {
    const turn = this.turns.then(async () => {
      // Port 0 must be drawn before it can be refused.
      if (this.running && !this.server && (this.mode !== 'reject' || this.port === 0)) await this.listen();
      if (!this.running || this.mode === 'reject') await this.stopListening();
    });
    this.turns = turn.catch(() => undefined);
    return turn;
  }

  private async listen(): Promise<void> {
    const { tls } = this;
    const server = tls ? createTlsServer(tls, (socket) => this.serve(socket)) : createServer();
    server.on('connection', (socket: Socket) => {
      if (this.accept(socket) && !tls) this.serve(socket);
    });
    server.listen(this.port, this.host);
    await once(server, 'listening');
    server.on('error', (error) => this.report(error));
    this.server = server;
    this.currentPort = (server.address() as AddressInfo).port;
    this.emit('listening');
  }

  private async stopListening(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  /** Counts a connection; returns whether it goes on. */
  private accept(socket: Socket): boolean {
    this.connections += 1;
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    // A peer that resets is part of the game; its close is all there is to know.
    socket.on('error', () => socket.destroy());
    if (this.rejectNext) {
      this.rejectNext = false;
      socket.resetAndDestroy();
      return false;
    }
    if (this.mode === 'disconnect') socket.destroy();
    return this.mode !== 'disconnect';
  }

  private serve(socket: Socket): void {
    const connection = this.connections;
    socket.on('error', () => socket.destroy());
    const session = new Session(socket, {
      decide: (frame) => this.handle(frame, connection),
      malformed: (error) => this.emit('malformed', error),
    });
    session.serve();
  }

  private handle({ raw, payload }: Frame, connection: number): Behaviour {
    const request = decodeToggle(payload);
    const fields = JSON.parse(payload.toString()) as Record<string, unknown>;
    if (nestsDeeper(fields, MAX_NESTING)) {
      throw new ProtocolError('bad_message', `the payload nests deeper than ${MAX_NESTING} levels`);
    }
    const behaviour = MODE_BEHAVIOURS[this.mode](request, this, this.random);
    const packet: ReceivedPacket = {
      magic: MAGIC,
      version: VERSION,
      length: payload.length,
      payload: fields,
      raw,
      connection,
      repeated: this.ledger.knows(request),
      at: performance.now(),
    };
    this.ledger.record(packet, request, behaviour.applies);
    this.emit('packet', packet);
    return behaviour;
  }

  private report(error: Error): void {
    if (this.listenerCount('error') > 0) this.emit('error', error);
  }
}

function nestsDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => nestsDeeper(inner, levels - 1));
}
