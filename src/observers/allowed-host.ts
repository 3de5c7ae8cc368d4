/**
 * Which `Host` names a metrics request may carry. A web page can make its own name resolve to loopback (DNS
 * rebinding) and read what answers there; its requests still carry that name.
 */
import { isIP } from 'node:net';

/** A server on other addresses checks no names, because others are meant to read it. */
export function isAllowedHost(header: string | undefined, boundTo: string, allowedHosts: readonly string[]): boolean {
  if (!isLoopback(boundTo)) return true;
  const name = nameOf(header ?? '');
  return isLoopback(name) || allowedHosts.some((allowed) => allowed.toLowerCase() === name);
}

function isLoopback(name: string): boolean {
  if (name === 'localhost' || name === '::1') return true;
  return isIP(name) === 4 && name.startsWith('127.');
}

/** The name without its port, and an IPv6 address without its brackets. */
function nameOf(header: string): string {
  const host = header.trim().toLowerCase();
  if (host.startsWith('[')) return host.slice(1, host.indexOf(']'));
  return host.split(':', 1)[0] ?? '';
}
