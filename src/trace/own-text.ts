/** Texts from outside that are kept for long. */

const TEXT_BYTES = 24;

/**
 * A copy that holds nothing but its characters: a part of a text keeps all of that text in memory, and a joined one its
 * parts. Any UTF-16 units stay as they are.
 */
export function ownText(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string;
}

/** What a copy takes: a byte or two for each unit, and the object of the text. */
export function textBytes(text: string): number {
  return text === '' ? 0 : TEXT_BYTES + text.length * (/^[\0-\xff]*$/.test(text) ? 1 : 2);
}
