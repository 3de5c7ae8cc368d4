/** A device that applies commands in the order in which they arrive, remembers their ids, and keeps a record. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { FrameDecoder } from '../../src/protocol/frame';
import { decodeToggle, encodeReply, LAB_ACK, type Reply, type ToggleRequest } from '../../src/protocol/toggle';
import type { Credentials } from './certificates';

/** One command that arrived. */
export interface RecordedCommand extends ToggleRequest {
  /** Its place among everything that the test counts, verdicts included. */
  readonly sequence: number;
  /** `repeated`: its id had been seen, so that it was answered and nothing else. */
  readonly kind: 'applied' | 'refused' | 'repeated';
}

/** Numbers that grow, shared by the device and by whoever hears of verdicts: what is counted later happened later. */
export type NextNumber = () => number;

export interface RecordingDeviceOptions {
  readonly nextNumber: NextNumber;
  readonly credentials?: Credentials;
  /** `ACK` for a command that was applied; frames otherwise. */
  readonly raw?: boolean;
  /** Whether it refuses a new command; it answers a repetition as it answered at first. */
  refuses?(request: ToggleRequest): boolean;
  /** Whether the answer to a command is lost on its way. */
  losesReply?(request: ToggleRequest): boolean;
}

export class RecordingDevice {
  readonly record: RecordedCommand[] = [];
  private readonly answers = new Map<string, Reply>();
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  private constructor(private readonly options: RecordingDeviceOptions) {
    const serve = (socket: Socket) => this.serve(socket);
    const { credentials } = options;
    this.server = credentials ? createTlsServer({ ...credentials }, serve) : createServer({ noDelay: true }, serve);
    this.server.on('tlsClientError', () => undefined);
    this.server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
  }

  static async start(options: RecordingDeviceOptions): Promise<RecordingDevice> {
    const device = new RecordingDevice(options);
    device.server.listen(0, '127.0.0.1');
    await once(device.server, 'listening');
    return device;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get openConnections(): number {
    return this.sockets.size;
  }

  /** Refuses connections from now on, and ends those that are open. */
  async goAway(): Promise<number> {
    const { port } = this;
    await this.close();
    return port;
  }

  async comeBack(port: number): Promise<void> {
    this.server.listen(port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(socket: Socket): void {
    socket.on('error', () => undefined);
    const decoder = new FrameDecoder();
    // It reads promptly: what the system has received of a connection that is then reset stays readable.
    socket.on('data', (chunk) => {
      const replies: Buffer[] = [];
      try {
        const broken = decoder.push(chunk, ({ payload }) => {
          const request = decodeToggle(payload);
          const reply = this.obey(request);
          if (this.options.losesReply?.(request) !== true) replies.push(reply);
        });
        if (broken) socket.destroy();
      } catch {
        // The frame is whole and its payload is not a command: the line has damaged it.
        socket.destroy();
      }
      if (replies.length > 0 && !socket.destroyed) socket.write(Buffer.concat(replies));
    });
  }

  private obey(request: ToggleRequest): Buffer {
    const { msgId, state } = request;
    const earlier = this.answers.get(msgId);
    const isRefused = earlier === undefined && this.options.refuses?.(request) === true;
    const answer = earlier ?? (isRefused ? { kind: 'nack', msgId } : { kind: 'ack', msgId, state });
    this.answers.set(msgId, answer);
    const kind = earlier ? 'repeated' : isRefused ? 'refused' : 'applied';
    this.record.push({ ...request, sequence: this.options.nextNumber(), kind });
    return this.options.raw ? Buffer.from(LAB_ACK) : encodeReply(answer);
  }
}
