/** Look-up that asks DNS servers over the network, without a thread. */
import type { LookupAddress } from 'node:dns';
import type { Resolver } from 'node:dns/promises';

/**
 * All addresses of `name`, IPv4 first; rejects if there are none. Unlike `dns.lookup` it knows neither the hosts file nor
 * multicast DNS, so a name that is not found here may still exist.
 */
export async function directLookup(
  resolver: Pick<Resolver, 'resolve4' | 'resolve6'>,
  name: string,
): Promise<LookupAddress[]> {
  const [ipv4, ipv6] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  const found = [...addresses(ipv4, 4), ...addresses(ipv6, 6)];
  if (found.length === 0) throw new Error(`DNS has no address for ${name}`);
  return found;
}

function addresses(result: PromiseSettledResult<string[]>, family: 4 | 6): LookupAddress[] {
  return result.status === 'fulfilled' ? result.value.map((address) => ({ address, family })) : [];
}
