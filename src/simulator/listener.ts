/** Listening port of the simulated device, and its open connections. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

/** State of the port; `refusing` means closed while the device is running. */
export type ListenerState = 'open' | 'refusing' | 'closed';

/** Decisions and notifications that the listener needs from its owner. */
export interface ListenerOwner {
  /** The state that the port should be in now. */
  wanted(): ListenerState;
  listening(): void;
  /** Decides about a connection that was just accepted. */
  receive(): 'serve' | 'close' | 'reset';
  /** `connection`: its number, from 1, in the order in which they were accepted. */
  serve(socket: Socket, connection: number): void;
  /** Called when the server fails while it is open. */
  failed(error: Error): void;
}

export class Listener {
  /** Connections accepted so far. */
  accepted = 0;
  private readonly sockets = new Set<Socket>();
  /** Numbers of open connections, by the address of the client: over TLS, another socket is served than was accepted. */
  private readonly numbers = new Map<string, number>();
  private server: Server | undefined;
  private turns = Promise.resolve();

  /** `port` is the requested port until the server listens, then the bound port. */
  constructor(
    readonly host: string,
    public port: number,
    private readonly tls: TlsOptions | undefined,
    private readonly owner: ListenerOwner,
  ) {}

  get openConnections(): number {
    return this.sockets.size;
  }

  /** Opens or closes the port as wanted. Calls run in sequence, because a port cannot be closed while it opens. Rejects if the port is in use. */
  settle(): Promise<void> {
    const turn = this.turns.then(async () => {
      const wanted = this.owner.wanted();
      if (wanted === 'refusing' && this.port === 0) this.port = await freePort(this.host);
      if (!this.server && wanted === 'open') await this.open();
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

  /** Counts a connection; returns whether to serve it. */
  private accept(socket: Socket): boolean {
    this.accepted += 1;
    this.sockets.add(socket);
    const client = clientOf(socket);
    this.numbers.set(client, this.accepted);
    socket.on('close', () => {
      this.sockets.delete(socket);
      this.numbers.delete(client);
    });
    // A reset by the peer is expected; the close event is enough.
    socket.on('error', () => socket.destroy());
    const reception = this.owner.receive();
    if (reception === 'reset') socket.resetAndDestroy();
    if (reception === 'close') socket.destroy();
    return reception === 'serve';
  }

  private serve(socket: Socket): void {
    // Over TLS this is not the socket that was accepted.
    socket.on('error', () => socket.destroy());
    this.owner.serve(socket, this.numbers.get(clientOf(socket)) ?? this.accepted);
  }
}

function clientOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

/** A port that the system gives out, and that is closed again: it has a number from the start, and refuses. */
async function freePort(host: string): Promise<number> {
  const server = createServer();
  // Whoever connects in between is turned away.
  server.maxConnections = 0;
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
