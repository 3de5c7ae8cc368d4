/**
 * A TCP proxy on loopback that breaks connections by a seeded schedule. It passes bytes on without reading them, so that
 * it serves plain TCP and TLS. It stands for the network: what it holds of a connection that its client resets never
 * arrives. What the operating system of the device has received before that is out of its reach, as in a real network.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { FaultPipe } from './fault-pipe';
import { planFor, type ProxyFaults } from './fault-schedule';

const HOST = '127.0.0.1';
/** A device that hears nothing of the end of its client drops the connection some time later. */
const ABANDONED_MS = 10_000;

export interface FaultProxyOptions {
  readonly seed: number;
  /** Where the device listens, on loopback. */
  readonly port: number;
  readonly faults: ProxyFaults;
}

export class FaultProxy {
  /** Connections accepted until now. */
  connections = 0;
  /** Connections that their client reset. */
  clientResets = 0;
  private faults: ProxyFaults;
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  private constructor(private readonly options: FaultProxyOptions) {
    this.faults = options.faults;
    // A device or a client that ends its side may still read: each direction ends by itself.
    this.server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.accept(client));
  }

  static async start(options: FaultProxyOptions): Promise<FaultProxy> {
    const proxy = new FaultProxy(options);
    proxy.server.listen(0, HOST);
    await once(proxy.server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** From now on new connections meet these faults. */
  setFaults(faults: ProxyFaults): void {
    this.faults = faults;
  }

  /** Resets every connection, to both sides. */
  resetAll(): void {
    for (const socket of this.sockets) resetSocket(socket);
  }

  async close(): Promise<void> {
    this.resetAll();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private accept(client: Socket): void {
    this.connections += 1;
    const { up, down } = planFor(this.options.seed, this.connections, this.faults);
    const device = connect({ port: this.options.port, host: HOST, allowHalfOpen: true, noDelay: true });
    const reset = () => {
      for (const pipe of [toDevice, toClient]) pipe.drop();
      for (const socket of [client, device]) resetSocket(socket);
    };
    const toDevice = new FaultPipe(up, client, device, reset);
    const toClient = new FaultPipe(down, device, client, reset);
    this.join(client, toDevice, true, () => {
      this.clientResets += 1;
      toDevice.drop();
      // A direction that is silent does not tell the device either.
      if (!toDevice.isSilent) resetSocket(device);
    });
    client.on('close', () => {
      if (device.closed) return;
      const abandoned = setTimeout(() => resetSocket(device), ABANDONED_MS).unref();
      // Otherwise it would keep all of the connection in memory until then.
      device.once('close', () => clearTimeout(abandoned));
    });
    this.join(device, toClient, false, () => {
      toClient.drop();
      if (!toClient.isSilent) resetSocket(client);
    });
  }

  /** Passes on what comes from `socket`; `onReset` is called once if its peer resets the connection. */
  private join(socket: Socket, pipe: FaultPipe, isClient: boolean, onReset: () => void): void {
    this.sockets.add(socket);
    let isReset = false;
    const noteReset = () => {
      if (isReset) return;
      isReset = true;
      onReset();
    };
    socket.on('error', noteReset);
    socket.on('data', (chunk) => pipe.push(chunk));
    socket.on('end', () => {
      // Node.js reports a reset that came along with data as an orderly end. A write tells them apart. Once this side has
      // ended, nothing does: then it counts as a reset by the client, who must be able to take back what it sent.
      if (socket.writableEnded) return isClient ? noteReset() : pipe.end();
      // A connection that was reset has no peer any more.
      if (socket.remoteAddress === undefined) return noteReset();
      socket.write(Buffer.alloc(0), (error) => {
        if (!error) pipe.end();
      });
    });
    socket.on('close', () => {
      this.sockets.delete(socket);
      pipe.end();
    });
  }
}

/**
 * While it connects, Node.js would wait, send what was written, and reset only then. While its end is being sent, the
 * system refuses to reset: Node.js then never closes the socket, and the process spins when it should exit.
 */
export function resetSocket(socket: Socket): void {
  const { connecting, writableEnded, writableFinished } = socket;
  if (connecting || (writableEnded && !writableFinished)) socket.destroy();
  else socket.resetAndDestroy();
}
