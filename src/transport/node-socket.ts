/** Real client sockets, over TCP and TLS. */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { errorText } from '../printable';
import { lookUp } from './name-lookup';
import type { ClientSocket, Connect, Security, SocketEvents, SocketFailure } from './socket';
import type { ConnectStep } from './socket-cause';
import { failureOf } from './socket-failure';
import { resetIfTlsBreaks, tlsOver } from './tls-socket';
import { WriteBatch } from './write-batch';

/** How long `end` waits for the peer to close as well. */
const LINGER_MS = 500;
/** An idle connection is probed by the operating system this often, so that a peer that vanished is noticed. */
const KEEP_ALIVE_MS = 30_000;

/**
 * Turns of the event loop before a connection counts as connected: they read a greeting that the peer sent when it
 * accepted, so that it is not taken for a reply. It takes some microseconds; one that arrives later is judged like a reply.
 */
const GREETING_TURNS = 3;
/** Over TLS the handshake has already given a greeting that time. */
const GREETING_TURNS_TLS = 1;

const CLOSED_BY_DEVICE = 'the device closed the connection';

/** Real sockets of node:net and node:tls. */
export const connectSocket: Connect = (endpoint, events) => new NodeSocket(endpoint, events);

class NodeSocket implements ClientSocket {
  /** The TCP connection, which can be reset; a TLS socket cannot. */
  private readonly tcp: Socket;
  /** What is read and written: the TCP connection, or TLS over it. */
  private stream: Socket;
  private reached: ConnectStep;
  private hasFailed = false;
  private hasEndedEarly = false;
  private linger: NodeJS.Timeout | undefined;
  private isEnding = false;
  private readonly batch = new WriteBatch();
  /** What the peer did while a write was not finished, the oldest first. */
  private readonly held: (() => void)[] = [];

  constructor(
    private readonly endpoint: Parameters<Connect>[0],
    private readonly events: SocketEvents,
  ) {
    const { host, port, connectTimeoutMs, security, staysOpen = false } = endpoint;
    this.reached = isIP(host) ? 'connect' : 'lookup';
    this.tcp = connectTcp({
      host,
      port,
      // Each option is a system call or several, and one packet over plain TCP is never held back.
      noDelay: staysOpen || security !== undefined,
      keepAlive: staysOpen,
      // Node.js would end its side by itself when the peer does, and a connection that is being ended cannot be reset.
      allowHalfOpen: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
      lookup: lookUp,
      // Node.js gives each address of a name 250 ms, however long the deadline is. Two addresses share it here.
      autoSelectFamilyAttemptTimeout: Math.max(250, Math.floor(connectTimeoutMs / 2)),
    });
    this.stream = this.tcp;
    this.tcp.on('error', (error) => this.afterWrites(() => this.failWith(error)));
    this.tcp.on('close', () => this.afterWrites(() => this.close()));
    this.tcp.once('lookup', () => {
      this.reached = 'connect';
    });
    if (security) this.tcp.once('connect', () => this.secure(security));
    else this.listen(this.tcp, 'connect');
  }

  get step(): ConnectStep {
    return this.reached;
  }

  private get isConnected(): boolean {
    return this.reached === 'connected';
  }

  /** Whether TLS is spoken over the TCP connection. */
  private get isSecure(): boolean {
    return this.stream !== this.tcp;
  }

  /** The code with which the verification of the device's certificate ended, if it had to be trusted and is not. */
  private get certificateError(): string | undefined {
    const { authorizationError } = this.stream as TLSSocket;
    return authorizationError && this.endpoint.security?.rejectUnauthorized ? String(authorizationError) : undefined;
  }

  get unsentBytes(): number {
    return this.stream.writableLength;
  }

  write(bytes: Uint8Array, onSent: () => void, gathers = false): void {
    if (this.hasFailed || this.isEnding) return;
    if (gathers || this.isSecure) this.batch.open(this.stream, this.isSecure);
    this.stream.write(bytes, (error) => {
      // A failed write is reported by the error event, with the reason that the system gave. A write that a reset cut off
      // comes without an error.
      if (!error && !this.tcp.destroyed) onSent();
    });
  }

  end(): void {
    if (this.isEnding || this.tcp.destroyed) return;
    if (!this.isConnected) return this.reset();
    this.isEnding = true;
    this.linger = setTimeout(() => this.reset(), LINGER_MS);
    // What still comes is read and ignored: a peer that is writing must not be met with a reset.
    this.stream.resume();
    this.stream.end();
  }

  reset(): void {
    const { connecting, destroyed } = this.tcp;
    this.isEnding = true;
    if (destroyed) return;
    const { writableEnded, writableFinished } = this.stream;
    // Before the handshake there is nothing to reset. While the end is being sent the system refuses to reset, and
    // Node.js then neither closes the socket nor says so.
    if (connecting || (writableEnded && !writableFinished)) this.tcp.destroy();
    else this.tcp.resetAndDestroy();
    if (this.isSecure) this.stream.destroy();
  }

  private secure(security: Security): void {
    resetIfTlsBreaks(this.tcp, () => this.isConnected && !this.isEnding);
    this.reached = 'handshake';
    try {
      this.stream = tlsOver(this.tcp, this.endpoint.host, security);
    } catch (error) {
      // Out of this event it would end the process.
      this.fail({ error: errorText(error), cause: 'tls_handshake_failed' });
      this.tcp.destroy();
      return;
    }
    this.stream.on('error', (error) => this.afterWrites(() => this.failWith(error)));
    this.listen(this.stream, 'secureConnect');
  }

  private listen(stream: Socket, connected: 'connect' | 'secureConnect'): void {
    stream.on('data', (chunk) => {
      // No closure for each chunk in the usual case.
      if (this.isAfterWrites) this.passOn(chunk);
      else this.afterWrites(() => this.passOn(chunk));
    });
    stream.on('end', () => {
      // A peer that ends its side at once may still read: the packet goes out before that is reported.
      if (this.isConnected || connected === 'secureConnect') this.afterWrites(() => this.closedByDevice());
      else this.hasEndedEarly = true;
    });
    stream.once(connected, () => {
      afterReading(connected === 'connect' ? GREETING_TURNS : GREETING_TURNS_TLS, () => {
        if (this.hasFailed || this.tcp.destroyed) return;
        this.reached = 'connected';
        this.events.connected();
        if (this.hasEndedEarly) setImmediate(() => this.closedByDevice());
      });
    });
  }

  /**
   * Over TLS, Node.js reports that a write is finished after it has read what came meanwhile. A reply that is there at once
   * would seem to come before its packet was sent, and so be no reply: it waits for that report, one turn of the event loop.
   */
  private afterWrites(happened: () => void): void {
    if (this.isAfterWrites) return happened();
    this.held.push(happened);
    if (this.held.length > 1) return;
    setImmediate(() => {
      for (const each of this.held.splice(0)) each();
    });
  }

  private get isAfterWrites(): boolean {
    return this.held.length === 0 && this.unsentBytes === 0;
  }

  private passOn(chunk: Uint8Array): void {
    if (!this.hasFailed && !this.isEnding) this.events.data(chunk);
  }

  private closedByDevice(): void {
    this.fail({ error: CLOSED_BY_DEVICE, cause: this.isConnected ? 'closed_without_reply' : 'tls_handshake_failed' });
  }

  private failWith(error: Error): void {
    this.fail(failureOf(error, this.reached, this.certificateError));
  }

  private fail(failure: SocketFailure): void {
    if (this.hasFailed) return;
    this.hasFailed = true;
    this.events.failed(failure);
  }

  private close(): void {
    clearTimeout(this.linger);
    this.fail({ error: 'the connection was closed' });
    this.events.closed();
  }
}

/** Calls `next` after so many turns of the event loop, each of which reads what has arrived. */
function afterReading(turns: number, next: () => void): void {
  setImmediate(() => (turns > 1 ? afterReading(turns - 1, next) : next()));
}
