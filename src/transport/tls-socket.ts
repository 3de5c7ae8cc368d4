/** TLS over a TCP connection that is made already, so that it can be reset. */
import { isIP, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { Security } from './socket';

export function tlsOver(tcp: Socket, host: string, security: Security): TLSSocket {
  const { ALPNProtocols, servername: given, ...rest } = security;
  // What the certificate must match. A name is sent to the server, which may have a certificate for each; an address must
  // not be (RFC 6066).
  const name = given ?? host;
  const servername = isIP(name) ? {} : { servername: name };
  const alpn = ALPNProtocols ? { ALPNProtocols: [...ALPNProtocols] } : {};
  return connect({ socket: tcp, host: name, ...servername, ...rest, ...alpn });
}

/**
 * When TLS breaks, as by a byte that was damaged on its way, Node.js closes the TCP connection in order: what the peer has
 * not taken by then would still be delivered, perhaps after a newer command. As long as `isInUse`, it is reset instead.
 */
export function resetIfTlsBreaks(tcp: Socket, isInUse: () => boolean): void {
  const destroy = tcp.destroy.bind(tcp);
  tcp.destroy = (error) => {
    tcp.destroy = destroy;
    return error || !isInUse() ? destroy(error) : tcp.resetAndDestroy();
  };
}
