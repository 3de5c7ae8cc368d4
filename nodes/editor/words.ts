/** Texts of the runtime in the language of the editor; the runtime makes them in English. */
import { translated, type Phrase } from '../phrases';

export function inWords(text: string, known: readonly Phrase[]): string {
  return translated(text, known, (key, values) => RED._(key, values));
}
