/** Addresses that servers are bound to: one spelling for each, and who has the one that another wants. */
import { isIPv6, SocketAddress, type AddressInfo } from 'node:net';

/** A server of this process; `bound` is absent while it does not listen. */
interface Holder {
  readonly bound: AddressInfo | undefined;
}

/** The server that is bound to this address, however the two are spelled. */
export function holderOf<T extends Holder>(address: string, port: number, servers: Iterable<T>): T | undefined {
  const wanted = shortestSpelling(address);
  return onPort(servers, port).find(({ bound }) => shortestSpelling(bound?.address ?? '') === wanted);
}

/** The server that keeps this address from being taken although it is bound to another one: one of them is every address. */
export function obstacleTo<T extends Holder>(address: string, port: number, servers: Iterable<T>): T | undefined {
  const others = onPort(servers, port);
  return isEvery(address) ? others[0] : others.find(({ bound }) => isEvery(bound?.address ?? ''));
}

/** A host and port as in a URL. */
export function hostAndPort(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function onPort<T extends Holder>(servers: Iterable<T>, port: number): readonly T[] {
  return [...servers].filter(({ bound }) => bound?.port === port);
}

/** An IPv4 address that is written as IPv6 is one of IPv4. */
function shortestSpelling(address: string): string {
  if (!isIPv6(address)) return address;
  return new SocketAddress({ address, family: 'ipv6' }).address.replace(/^::ffff:(?=\d+\.)/, '');
}

function isEvery(address: string): boolean {
  return ['0.0.0.0', '::'].includes(shortestSpelling(address));
}
