/**
 * English texts with placeholders, and their translation after the fact. Browser-safe.
 *
 * The runtime sends statuses and validation messages in English, whatever language its editors have. An editor finds out
 * which phrase a text was made of, and says it in its own language.
 */

/** A text with placeholders such as `__count__`, and the key of its translations in the locale files. */
export interface Phrase {
  readonly english: string;
  readonly key: string;
}

type Values = Readonly<Record<string, unknown>>;
/** Text at a key of the locale files. */
export type Say = (key: string, values: Values) => string;

/** The locale files of phase0-device hold what several nodes say. */
export const SHARED = keyOf('phase0-device');

/** The key of a node's texts, for code of any node. */
export function keyOf(type: string): string {
  return `node-red-contrib-phase0/${type}:${type}`;
}

/** Phrases from texts by the last part of their key. */
export function phrases(texts: Readonly<Record<string, string>>, group: string): readonly Phrase[] {
  return Object.entries(texts).map(([name, english]) => ({ english, key: `${group}.${name}` }));
}

export function filled(text: string, values: Values): string {
  return text.replaceAll(PLACEHOLDER, (_, name: string) => String(values[name]));
}

const PLACEHOLDER = /__(\w+?)__/g;
/** Placeholders for text from outside, which stays as it is, even if it reads like one of the phrases. */
const VERBATIM: ReadonlySet<string> = new Set(['deviceId', 'value']);
/** A value may be a phrase, with values of its own. */
const MAX_DEPTH = 4;

/** The text as `say` says it; unchanged if it was made of none of the phrases. */
export function translated(text: string, known: readonly Phrase[], say: Say, depth = MAX_DEPTH): string {
  let best: { readonly phrase: Phrase; readonly values: Readonly<Record<string, string>> } | undefined;
  for (const phrase of known) {
    const values = valuesIn(text, phrase.english);
    if (values && !(best && literalLength(best.phrase) >= literalLength(phrase))) best = { phrase, values };
  }
  if (!best) return text;
  const values = Object.entries(best.values).map(([name, value]): [string, string] => [
    name,
    depth > 0 && !VERBATIM.has(name) ? translated(value, known, say, depth - 1) : value,
  ]);
  return say(best.phrase.key, Object.fromEntries(values));
}

function literalLength({ english }: Phrase): number {
  return english.replaceAll(PLACEHOLDER, '').length;
}

/**
 * The values that make `text` of the phrase, each as short as possible. By searching for the parts between them: a
 * regular expression with several placeholders could take quadratic time.
 */
function valuesIn(text: string, english: string): Record<string, string> | undefined {
  const [start = '', ...parts] = english.split(PLACEHOLDER);
  if (parts.length === 0) return text === english ? {} : undefined;
  if (!text.startsWith(start)) return undefined;
  const values: Record<string, string> = {};
  let rest = text.slice(start.length);
  for (let index = 0; index < parts.length; index += 2) {
    const [name = '', literal = ''] = parts.slice(index, index + 2);
    const end = index + 2 < parts.length ? rest.indexOf(literal) : rest.length - literal.length;
    if (end < 1 || !rest.startsWith(literal, end)) return undefined;
    values[name] = rest.slice(0, end);
    // The name of a setting is one word, so that a phrase which begins with it does not match what comes before it.
    if (name === 'name' && /\W/.test(values[name])) return undefined;
    rest = rest.slice(end + literal.length);
  }
  return values;
}
