/** Text from outside, made safe for logs, terminals and status lines. Browser-safe; imports nothing. */

/** Longest result, ellipsis included. */
const MAX_CHARACTERS = 200;

/**
 * What must not reach a log or a terminal as it is: control characters (C0, DEL, C1), line and paragraph separators,
 * marks that change the direction of text, and lone surrogates.
 */
const UNSAFE = /[\p{Cc}\p{Cs}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const EVERY_UNSAFE = new RegExp(UNSAFE, 'gu');

/** What most texts are, and then no character needs a look of its own. */
const SAFE_AND_SHORT = new RegExp(`^[\\x20-\\x7e]{0,${MAX_CHARACTERS}}$`);

/**
 * The text with unsafe characters escaped as `\xNN` or `\uNNNN`, cut to 200 characters with an ellipsis.
 *
 * For people to read, not to be parsed back: a backslash in the text stays as it is. Text that is safe and short enough
 * comes back unchanged, so applying it twice does no harm.
 */
export function printable(text: string): string {
  if (SAFE_AND_SHORT.test(text)) return text;
  let result = '';
  let lengthBeforeEllipsis = 0;
  // By code point, so that a cut never splits a surrogate pair, and only as far as the result reaches.
  for (const character of text) {
    result += UNSAFE.test(character) ? escaped(character) : character;
    if (result.length > MAX_CHARACTERS) return `${result.slice(0, lengthBeforeEllipsis)}…`;
    if (result.length < MAX_CHARACTERS) lengthBeforeEllipsis = result.length;
  }
  return result;
}

/** What most JSON is. */
const SAFE_JSON = /^[\x20-\x7e]*$/;

/**
 * The value as JSON in one line, for a log. What is unsafe in its texts is escaped in the way of JSON, so that a reader gets
 * the texts back as they were.
 */
export function jsonLine(value: unknown): string {
  // It escapes line breaks and lone surrogates itself, but not what else is unsafe.
  const json = JSON.stringify(value);
  return SAFE_JSON.test(json)
    ? json
    : json.replace(EVERY_UNSAFE, (character) => unicodeEscaped(character.charCodeAt(0)));
}

/** What was thrown, as text for people. Anything can be thrown, also what throws when it is read. */
export function errorText(thrown: unknown): string {
  try {
    const { message } = (thrown ?? {}) as { message?: unknown };
    return printable(String(message ?? thrown));
  } catch {
    return 'an error without a message';
  }
}

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : unicodeEscaped(code);
}

function unicodeEscaped(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`;
}
