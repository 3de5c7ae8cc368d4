/** Texts of the runtime in the language of the editor; the runtime makes them in English. */
import { SHARED, translated, type Phrase } from '../phrases';

export function inWords(text: string, known: readonly Phrase[]): string {
  return translated(text, known, (key, values) => RED._(key, values));
}

/** For a test whose answer ended without a verdict. */
export function endedWithoutVerdict(): string {
  return RED._(`${SHARED}.test.noVerdict`);
}

/** What a verdict was due to, in few words. The texts of a node alone have no causes. */
export function causeInWords(cause: string): string {
  return RED._(`${SHARED}.cause.${cause}.short`);
}
