/** Numbers for words of a small set, such as causes: a byte in a record instead of a text. */

/** More are not expected: words are those of `outcomes.ts`. */
const MAX_WORDS = 255;

export class CodeWords {
  private readonly codes = new Map<string, number>();
  private readonly words: (string | undefined)[] = [undefined];

  /** The number of a word, from 1; 0 for no word, and for one that has no place. */
  codeOf(word: string | undefined): number {
    if (word === undefined) return 0;
    const known = this.codes.get(word);
    if (known !== undefined) return known;
    const code = this.words.length;
    if (code > MAX_WORDS) return 0;
    this.words.push(word);
    this.codes.set(word, code);
    return code;
  }

  /** The word with this number; the caller knows of which set it is. */
  wordOf(code: number): string | undefined {
    return this.words[code];
  }
}
