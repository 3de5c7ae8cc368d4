/** Text from outside, made safe to show. */
const MAX_CHARACTERS = 200;

/** Control characters escaped, and cut after 200 characters. */
export function printable(text: string): string {
  const start = text.slice(0, MAX_CHARACTERS);
  // eslint-disable-next-line no-control-regex
  const escaped = start.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (c) => {
    const code = c.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
  return text.length > MAX_CHARACTERS ? `${escaped}…` : escaped;
}
