/** IP addresses as the bytes of a packet. */
import { isIPv4, isIPv6 } from 'node:net';

/** The bytes of an address, 4 or 16; undefined for a name. */
export function ipBytes(host: string): Buffer | undefined {
  if (isIPv4(host)) return Buffer.from(host.split('.').map(Number));
  return isIPv6(host) ? ipv6Bytes(host.replace(/%.*$/, '')) : undefined;
}

function ipv6Bytes(text: string): Buffer {
  const [head = '', tail] = text.split('::');
  const before = groups(head);
  const after = groups(tail ?? '');
  const gap = Array.from({ length: 8 - before.length - after.length }, () => 0);
  const bytes = Buffer.alloc(16);
  for (const [index, group] of [...before, ...gap, ...after].entries()) bytes.writeUInt16BE(group, index * 2);
  return bytes;
}

/** Groups of 16 bits; the last two can be written like IPv4. */
function groups(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
    return [(a << 8) | b, (c << 8) | d];
  });
}
