import assert from 'node:assert/strict';
import { directLookup } from '../../src/transport/direct-lookup';

const yields = (...addresses: string[]) => Promise.resolve(addresses);
const fails = () => Promise.reject(Object.assign(new Error('queryA ENOTFOUND'), { code: 'ENOTFOUND' }));
const resolver = (ipv4: () => Promise<string[]>, ipv6: () => Promise<string[]>) =>
  ({ resolve4: ipv4, resolve6: ipv6 }) as unknown as Parameters<typeof directLookup>[0];

describe('a direct look-up', () => {
  it('yields the addresses of both families, IPv4 first', async () => {
    const both = resolver(
      () => yields('192.0.2.1', '192.0.2.2'),
      () => yields('2001:db8::1'),
    );
    assert.deepEqual(await directLookup(both, 'lamp.test'), [
      { address: '192.0.2.1', family: 4 },
      { address: '192.0.2.2', family: 4 },
      { address: '2001:db8::1', family: 6 },
    ]);
  });

  it('is content with one family', async () => {
    const one = resolver(fails, () => yields('2001:db8::1'));
    assert.deepEqual(await directLookup(one, 'lamp.test'), [{ address: '2001:db8::1', family: 6 }]);
  });

  it('fails if there is no address', async () => {
    await assert.rejects(directLookup(resolver(fails, fails), 'lamp.test'), /DNS has no address for lamp\.test/);
    await assert.rejects(
      directLookup(
        resolver(() => yields(), fails),
        'lamp.test',
      ),
      /no address/,
    );
  });
});
