/** Owns the simulated device: a real TCP server with faults. Hostile bytes end their connection, never the server. */
import { EventEmitter, once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { ProtocolError } from '../errors';
import { FrameDecoder, MAGIC, VERSION, type Frame } from '../protocol/frame';
import { decodeToggle } from '../protocol/toggle';
import { Ledger, type ReceivedPacket } from './ledger';
import { MODE_BEHAVIOURS, type Behaviour } from './modes';
import { seededRandom } from './seeded-random';
import { simulatorFields, type Mode, type SimulatorSettings } from './settings';

export type { ReceivedPacket } from './ledger';

interface Events {
  packet: [ReceivedPacket];
  listening: [];
  mode: [Mode];
  malformed: [ProtocolError];
  error: [Error];
}

const DEFAULTS = Object.fromEntries(
  Object.entries(simulatorFields).map(([name, field]) => [name, field.default]),
) as SimulatorSettings;

type Options = { -readonly [K in keyof SimulatorSettings]: SimulatorSettings[K] };

export class DeviceSimulator extends EventEmitter<Events> {
  private readonly options: Options;
  private readonly ledger = new Ledger();
  private readonly sockets = new Set<Socket>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly random: () => number;
  private server: Server | undefined;
  private running = false;
  private rejectNext = false;
  private connections = 0;

  constructor(options: Partial<SimulatorSettings> = {}) {
    super();
    this.options = { ...DEFAULTS, ...options };
    this.random = seededRandom(this.options.seed);
  }

  get mode(): Mode {
    return this.options.mode;
  }

  get host(): string {
    return this.options.host;
  }

  /** The port it listens on; before start, the one asked for. */
  get port(): number {
    return this.options.port;
  }

  /** Wait of the modes `delay` and `drip`, in ms. */
  set delayMs(delayMs: number) {
    this.options.delayMs = delayMs;
  }

  set reply(reply: SimulatorSettings['reply']) {
    this.options.reply = reply;
  }

  /** Share of packets that fail in mode `flaky`, 0–1. */
  set failureRate(rate: number) {
    this.options.failureRate = rate;
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

  /** Listens, unless the mode is `reject`. Rejects when the address is taken. */
  async start(): Promise<{ host: string; port: number }> {
    this.running = true;
    // Port 0 must be drawn before it can be refused.
    if (this.mode !== 'reject' || this.port === 0) await this.listen();
    if (this.mode === 'reject') await this.stopListening();
    return { host: this.host, port: this.port };
  }

  /** Changes the behaviour for the packets to come. Rejects when a port given up for `reject` was taken since. */
  async setMode(mode: Mode): Promise<void> {
    this.options.mode = mode;
    if (mode === 'reject') await this.stopListening();
    else if (this.running && !this.server) await this.listen();
    this.emit('mode', mode);
  }

  /** Resets the next connection as soon as it is accepted. */
  rejectNextConnection(): void {
    this.rejectNext = true;
  }

  /** Frees port, sockets and timers; calling it twice is fine. */
  async close(): Promise<void> {
    this.running = false;
    await this.stopListening();
  }

  private async listen(): Promise<void> {
    const server = createServer((socket) => this.accept(socket));
    this.server = server;
    try {
      server.listen(this.port, this.host);
      await once(server, 'listening');
    } catch (error) {
      this.server = undefined;
      throw error;
    }
    server.on('error', (error) => this.emit('error', error));
    this.options.port = (server.address() as AddressInfo).port;
    this.emit('listening');
  }

  private async stopListening(): Promise<void> {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
    const { server } = this;
    this.server = undefined;
    if (server?.listening) await new Promise((resolve) => server.close(resolve));
  }

  private accept(socket: Socket): void {
    this.connections += 1;
    const connection = this.connections;
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    // A peer that resets is part of the game; its close is all there is to know.
    socket.on('error', () => socket.destroy());
    if (this.rejectNext) {
      this.rejectNext = false;
      socket.resetAndDestroy();
    } else if (this.mode === 'disconnect') {
      socket.destroy();
    } else {
      this.serve(socket, connection);
    }
  }

  private serve(socket: Socket, connection: number): void {
    const decoder = new FrameDecoder();
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      try {
        const error = decoder.push(chunk, (frame) => this.handle(frame, socket, connection));
        if (error) throw error;
      } catch (error) {
        socket.destroy();
        if (!(error instanceof ProtocolError)) throw error;
        this.emit('malformed', error);
      }
    });
  }

  private handle({ raw, payload }: Frame, socket: Socket, connection: number): void {
    const request = decodeToggle(payload);
    const behaviour = MODE_BEHAVIOURS[this.mode](request, this.options, this.random);
    const packet: ReceivedPacket = {
      magic: MAGIC,
      version: VERSION,
      length: payload.length,
      payload: JSON.parse(payload.toString()) as Record<string, unknown>,
      raw,
      connection,
      repeated: this.ledger.knows(request),
      at: performance.now(),
    };
    this.ledger.record(packet, request, behaviour.applies);
    this.emit('packet', packet);
    this.answer(socket, behaviour);
  }

  private answer(
    socket: Socket,
    { reply = Buffer.alloc(0), delayMs = 0, drip = false, closes = false }: Behaviour,
  ): void {
    const parts = drip ? Array.from(reply, (byte) => Buffer.of(byte)) : [reply];
    const sendNext = () => {
      const part = parts.shift();
      if (part && part.length > 0 && socket.writable) socket.write(part);
      if (parts.length > 0) this.later(delayMs, sendNext);
      else if (closes) socket.end();
    };
    if (delayMs > 0) this.later(delayMs, sendNext);
    else sendNext();
  }

  private later(delayMs: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      act();
    }, delayMs);
    this.timers.add(timer);
  }
}
