/** Owns the simulated device's port: open or not, and who came in by it. Knows no packets. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

/** How the port is to be: `refusing` is closed to everybody while the device lives. */
export type ListenerState = 'open' | 'refusing' | 'closed';

/** What the door asks and tells. */
export interface ListenerOwner {
  /** How the port is to be by now. */
  wanted(): ListenerState;
  listening(): void;
  /** Decides about a connection that was just accepted. */
  receive(): 'serve' | 'close' | 'reset';
  serve(socket: Socket): void;
  /** Hears what failed while it was open. */
  failed(error: Error): void;
}

export class Listener {
  /** Connections accepted so far. */
  accepted = 0;
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;
  private turns = Promise.resolve();

  /** `port` is the one asked for until it listens; then the one it has. */
  constructor(
    readonly host: string,
    public port: number,
    private readonly tls: TlsOptions | undefined,
    private readonly owner: ListenerOwner,
  ) {}

  get openConnections(): number {
    return this.sockets.size;
  }

  /** Makes the port as is wanted by then. By turns: a port half open can't be closed. Rejects when it is taken. */
  settle(): Promise<void> {
    const turn = this.turns.then(async () => {
      const wanted = this.owner.wanted();
      // Port 0 must be drawn before it can be refused.
      const draws = wanted === 'refusing' && this.port === 0;
      if (!this.server && (wanted === 'open' || draws)) await this.open();
      if (this.owner.wanted() !== 'open') await this.close();
    });
    this.turns = turn.catch(() => undefined);
    return turn;
  }

  private async open(): Promise<void> {
    const { tls, owner } = this;
    const server = tls ? createTlsServer(tls, (socket) => this.serve(socket)) : createServer();
    server.on('connection', (socket: Socket) => {
      if (this.accept(socket) && !tls) this.serve(socket);
    });
    server.listen(this.port, this.host);
    await once(server, 'listening');
    server.on('error', (error) => owner.failed(error));
    this.server = server;
    this.port = (server.address() as AddressInfo).port;
    owner.listening();
  }

  private async close(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  /** Counts a connection; returns whether it goes on. */
  private accept(socket: Socket): boolean {
    this.accepted += 1;
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    // A peer that resets is part of the game; its close is all there is to know.
    socket.on('error', () => socket.destroy());
    const reception = this.owner.receive();
    if (reception === 'reset') socket.resetAndDestroy();
    if (reception === 'close') socket.destroy();
    return reception === 'serve';
  }

  private serve(socket: Socket): void {
    // Over TLS it is another socket than the one accepted.
    socket.on('error', () => socket.destroy());
    this.owner.serve(socket);
  }
}
