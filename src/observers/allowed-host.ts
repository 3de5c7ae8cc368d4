/**
 * Which `Host` names a metrics request may carry. A web page can make its own name resolve to loopback (DNS
 * rebinding) and read what answers there; its requests still carry that name.
 */
import { BlockList, isIP } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** The name, or an IPv6 address in its brackets, and a port. */
const HOST_AND_PORT = /^(?:\[([^\]]*)\]|([^:[\]]+))(?::\d*)?$/;

/**
 * `boundTo` is the address that the server has, and not how the settings spell it: many names stand for loopback.
 * A server on other addresses checks no names, because others are meant to read it.
 */
export function isAllowedHost(header: string | undefined, boundTo: string, allowedHosts: readonly string[]): boolean {
  if (!isLoopback(boundTo)) return true;
  const name = nameOf(header ?? '');
  if (name === '') return false;
  return name === 'localhost' || isLoopback(name) || allowedHosts.some((allowed) => nameOf(allowed) === name);
}

/** Also of IPv4 addresses that are written as IPv6. */
function isLoopback(address: string): boolean {
  const version = isIP(address);
  return version !== 0 && LOOPBACK.check(address, version === 4 ? 'ipv4' : 'ipv6');
}

/** The name in lower case, without its port and without the dot that ends a full name; empty if there is none. */
function nameOf(host: string): string {
  const text = host.trim().toLowerCase();
  if (isIP(text) === 6) return text;
  const [, address, name = ''] = HOST_AND_PORT.exec(text) ?? [];
  return address ?? name.replace(/\.$/, '');
}
