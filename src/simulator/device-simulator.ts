/** Simulated device: mode, request handling and events. Malformed input closes only its own connection. */
import { EventEmitter, captureRejectionSymbol } from 'node:events';
import type { Socket } from 'node:net';
import type { TlsOptions as TlsServerOptions } from 'node:tls';
import { callSafely } from '../call-safely';
import { ProtocolError } from '../protocol/protocol-error';
import { parseSettings } from '../settings/field';
import { show } from '../settings/show';
import { MAGIC, VERSION, type Frame } from '../protocol/frame';
import { decodeToggle } from '../protocol/toggle';
import { memoryBytes } from './json-value';
import { Listener, type ListenerState } from './listener';
import { RequestHistory, type ReceivedPacket } from './request-history';
import { MODE_BEHAVIOURS, type Behaviour } from './modes';
import { seededRandom } from './seeded-random';
import { Session } from './session';
import { isMode, simulatorFields, type Mode, type SimulatorSettings } from '../settings/simulator';

export type { ReceivedPacket } from './request-history';

interface Events {
  packet: [ReceivedPacket];
  reply: [SentReply];
  listening: [];
  mode: [Mode];
  malformed: [ProtocolError];
  error: [Error];
}

/** Bytes of a reply, or a piece of it. */
interface SentReply {
  /** Number of the connection, from 1. */
  readonly connection: number;
  readonly bytes: Buffer;
}

/** Options of a simulated device; absent ones take their defaults. */
export interface SimulatorOptions extends Partial<SimulatorSettings> {
  /** Options of node:tls, including `cert` and `key`; absent = plain TCP. */
  readonly tls?: TlsServerOptions;
}

/** Deeper JSON overflows the stack of listeners that copy or print it. */
const MAX_NESTING = 32;

/**
 * A Phase 0 device for tests, flows and the shell. What it remembers is bounded in number and in bytes, and the oldest
 * goes first: 10,000 packets and 16 MiB of them, 100,000 msg_ids and 16 MiB, the states of 100,000 device ids and 8 MiB.
 * A connection with more than 256 KiB of replies that wait, or that its client does not read, is not read until they
 * are sent. `error` is only emitted to listeners: without one it throws nothing. A listener that throws or rejects causes a
 * warning, and does not change what the device does.
 */
export class DeviceSimulator extends EventEmitter<Events> {
  /** Wait of the modes `delay` and `drip`, in ms. */
  delayMs: number;
  reply: SimulatorSettings['reply'];
  /** Share of packets that fail in mode `flaky`, 0–1. */
  failureRate: number;
  readonly host: string;
  private readonly history = new RequestHistory();
  private readonly listener: Listener;
  private readonly random: () => number;
  private currentMode: Mode;
  private running = false;
  private rejectNext = false;

  /** Throws TypeError on an option out of range. */
  constructor({ tls, ...options }: SimulatorOptions = {}) {
    super({ captureRejections: true });
    const parsed = parseSettings(simulatorFields, options);
    if (!parsed.ok) throw new TypeError(parsed.problems.join('; '));
    const { host, port, mode, reply, delayMs, failureRate, seed } = parsed.settings;
    this.host = host;
    this.currentMode = mode;
    this.reply = reply;
    this.delayMs = delayMs;
    this.failureRate = failureRate;
    this.random = seededRandom(seed);
    this.listener = new Listener(host, port, tls, {
      wanted: () => this.wanted(),
      listening: () => this.notify(() => this.emit('listening')),
      receive: () => this.receive(),
      serve: (socket, connection) => this.serve(socket, connection),
      failed: (error) => this.report(error),
    });
  }

  /** Called by Node.js when a listener rejects; by default that would be an event `error`. */
  override [captureRejectionSymbol](...[error]: readonly unknown[]): void {
    emitWarning(error);
  }

  get mode(): Mode {
    return this.currentMode;
  }

  /** The bound port; before the start, the requested port. */
  get port(): number {
    return this.listener.port;
  }

  /** The newest packets, oldest first: at most 10,000, and 16 MiB in memory with their parsed payloads. */
  get receivedPackets(): readonly ReceivedPacket[] {
    return this.history.packets;
  }

  /** The states of the device ids switched last: at most 100,000, and 8 MiB. */
  get states(): ReadonlyMap<string, boolean> {
    return this.history.states;
  }

  /** Number of executed toggles; a repeated one counts once. */
  get appliedCount(): number {
    return this.history.appliedCount;
  }

  /** Connections accepted since the start. */
  get connectionCount(): number {
    return this.listener.accepted;
  }

  get openConnections(): number {
    return this.listener.openConnections;
  }

  /** Listens, unless the mode is `reject`; repeated calls do nothing. Rejects if the address is in use. */
  async start(): Promise<{ host: string; port: number }> {
    this.running = true;
    await this.listener.settle();
    return { host: this.host, port: this.port };
  }

  /**
   * Changes the behaviour for later packets; `reject` also closes open connections.
   * Rejects, and emits `error`, if another process took the port during `reject`; setting a mode again retries.
   */
  async setMode(mode: Mode): Promise<void> {
    if (!isMode(mode)) throw new TypeError(`mode must be ${simulatorFields.mode.accepts}, not ${show(mode)}`);
    this.currentMode = mode;
    try {
      await this.listener.settle();
    } catch (error) {
      this.report(error as Error);
      throw error;
    }
    this.notify(() => this.emit('mode', mode));
  }

  /** Resets the next connection as soon as it is accepted. */
  rejectNextConnection(): void {
    this.rejectNext = true;
  }

  /** Frees port, sockets and timers, also during the start; repeated calls do nothing. */
  async close(): Promise<void> {
    this.running = false;
    await this.listener.settle();
  }

  private wanted(): ListenerState {
    if (!this.running) return 'closed';
    return this.mode === 'reject' ? 'refusing' : 'open';
  }

  private receive(): 'serve' | 'close' | 'reset' {
    if (!this.rejectNext) return this.mode === 'disconnect' ? 'close' : 'serve';
    this.rejectNext = false;
    return 'reset';
  }

  private serve(socket: Socket, connection: number): void {
    const session = new Session(socket, {
      decide: (frame) => this.handle(frame, connection),
      replied: (bytes) => {
        if (this.listenerCount('reply') > 0) this.notify(() => this.emit('reply', { connection, bytes }));
      },
      malformed: (error) => this.notify(() => this.emit('malformed', error)),
    });
    session.serve();
  }

  private handle({ raw, payload }: Frame, connection: number): Behaviour {
    const request = decodeToggle(payload);
    const fields = JSON.parse(payload.toString()) as Record<string, unknown>;
    const payloadBytes = memoryBytes(fields, MAX_NESTING);
    if (payloadBytes === Infinity) {
      throw new ProtocolError('bad_message', `the payload nests deeper than ${MAX_NESTING} levels`);
    }
    const behaviour = MODE_BEHAVIOURS[this.mode](request, this, this.random);
    const packet: ReceivedPacket = {
      magic: MAGIC,
      version: VERSION,
      length: payload.length,
      payload: fields,
      // A copy: the frame is a view into what was read at once, which would stay in memory with it.
      raw: Buffer.from(raw),
      connection,
      repeated: this.history.knows(request),
      at: performance.now(),
    };
    this.history.record(packet, raw.length + payloadBytes, request, behaviour.applies);
    this.notify(() => this.emit('packet', packet));
    return behaviour;
  }

  private report(error: Error): void {
    if (this.listenerCount('error') > 0) this.notify(() => this.emit('error', error));
  }

  private notify(emit: () => void): void {
    callSafely(emit, emitWarning);
  }
}

function emitWarning(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
