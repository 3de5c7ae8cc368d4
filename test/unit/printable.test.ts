import assert from 'node:assert/strict';
import { jsonLine, printable } from '../../src/printable';
import { show } from '../../src/settings/show';

describe('printable text', () => {
  const cases: readonly (readonly [name: string, text: string, expected: string])[] = [
    ['leaves ordinary text alone', 'Lampe für Küche 灯 💡', 'Lampe für Küche 灯 💡'],
    ['escapes line breaks and NUL', 'a\r\nb\tc\0', 'a\\x0d\\x0ab\\x09c\\x00'],
    ['escapes terminal sequences, also 8-bit ones', '\u001b[31m\u009b31m', '\\x1b[31m\\x9b31m'],
    ['escapes DEL and NEL', '\u007f\u0085', '\\x7f\\x85'],
    ['escapes line and paragraph separators', '\u2028\u2029', '\\u2028\\u2029'],
    ['escapes bidi overrides and isolates', '\u202e\u2066\u200f\u061c', '\\u202e\\u2066\\u200f\\u061c'],
    ['escapes lone surrogates only', '\ud800 💡 \udc00', '\\ud800 💡 \\udc00'],
    ['keeps 200 characters', 'x'.repeat(200), 'x'.repeat(200)],
    ['cuts at 200 characters', 'x'.repeat(201), `${'x'.repeat(199)}…`],
    ['never cuts within a surrogate pair', `${'x'.repeat(198)}💡x`, `${'x'.repeat(198)}…`],
    ['never cuts within an escape', `${'x'.repeat(198)}\n`, `${'x'.repeat(198)}…`],
  ];
  for (const [name, text, expected] of cases) {
    it(name, () => {
      assert.equal(printable(text), expected);
      assert.equal(printable(expected), expected);
    });
  }

  it('reads only the beginning of a long text', () => {
    assert.equal(printable('\n'.repeat(10_000_000)).length, 197);
  });

  it('is what a settings problem shows a value with', () => {
    assert.equal(show('a\u009b31m\u202eb'), '"a\\x9b31m\\u202eb"');
  });
});

describe('JSON for a log', () => {
  const TEXTS = [
    'Lampe für Küche 灯 💡',
    'a\r\nb\0',
    '\u007f\u0085\u009b31m',
    '\u2028\u2029',
    '\u202e\u2066\u200f\u061c',
    '\ud800',
  ];
  for (const text of TEXTS) {
    it(`holds nothing unsafe, and is read back as it was: ${printable(text)}`, () => {
      const line = jsonLine({ text, [text]: [text] });
      assert.equal(printable(line), line);
      assert.deepEqual(JSON.parse(line), { text, [text]: [text] });
    });
  }

  it('escapes nothing else', () => {
    assert.equal(jsonLine({ a: '灯 é \\u202e "' }), JSON.stringify({ a: '灯 é \\u202e "' }));
  });
});
