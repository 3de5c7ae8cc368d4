/** The memory of the packet trace as the settings file has it: what is used in place of a value that does not hold is said. */
import assert from 'node:assert/strict';
import { traceBytes } from '../../nodes/trace-bytes';

const MIB = 1024 * 1024;

function read(value: unknown): { readonly bytes: number; readonly said: readonly string[] } {
  const said: string[] = [];
  const log = {
    error: (line: unknown) => void said.push(`error: ${String(line)}`),
    warn: (line: unknown) => void said.push(`warn: ${String(line)}`),
  };
  return { bytes: traceBytes({ settings: { phase0: { traceBytes: value } }, log }), said };
}

describe('traceBytes', () => {
  for (const [value, bytes] of [
    [undefined, 4 * MIB],
    [0, 0],
    [-0, 0],
    [512 * 1024, 512 * 1024],
    [MIB + 0.5, MIB],
    [1024 * MIB, 1024 * MIB],
  ] as const) {
    it(`${String(value)} means ${bytes}, and nothing is said`, () =>
      assert.deepEqual(read(value), { bytes, said: [] }));
  }

  for (const value of [1, 0.5, 512 * 1024 - 1]) {
    it(`${value} is raised to the least that is accepted, with a warning that names both`, () => {
      const { bytes, said } = read(value);
      assert.equal(bytes, 512 * 1024);
      assert.deepEqual(said, [
        `warn: phase0: traceBytes in the settings file is ${value}; 524288 is used, the least that is accepted besides 0 (off)`,
      ]);
    });
  }

  for (const [value, shown] of [
    [-1, '-1'],
    [NaN, 'NaN'],
    [Infinity, 'Infinity'],
    [1024 * MIB + 1, '1073741825'],
    ['4 MiB', '"4 MiB"'],
    [null, 'null'],
    [{}, 'an object'],
  ] as const) {
    it(`${shown} is an error that names it and what is accepted`, () => {
      const { bytes, said } = read(value);
      assert.equal(bytes, 4 * MIB);
      assert.deepEqual(said, [
        `error: phase0: traceBytes in the settings file must be 0 (off) or a number of bytes from 524288 to 1073741824, not ${shown}; 4194304 is used`,
      ]);
    });
  }

  it('is the default without a setting of this package, whatever stands in its place', () => {
    const log = { error: assert.fail, warn: assert.fail };
    for (const phase0 of [undefined, null, 7, 'x']) assert.equal(traceBytes({ settings: { phase0 }, log }), 4 * MIB);
  });
});
