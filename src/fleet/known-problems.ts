/** Problems that last, so that each is reported once, however often it is met. Pure. */

/** Of one problem; words that change without end are reported without end, but remembered only so far. */
const MAX_WORDINGS = 8;

export class KnownProblems {
  /** By what has the problem, the words that were reported, the latest last. */
  private readonly problems = new Map<string, readonly string[]>();

  /** Takes note of a problem; returns whether these words for it are new. */
  add(what: string, words: string): boolean {
    const known = this.problems.get(what) ?? [];
    if (known.includes(words)) return false;
    this.problems.set(what, [...known, words].slice(-MAX_WORDINGS));
    return true;
  }

  /** Takes note that there is none any more; returns its latest words, if there was one. */
  end(what: string): string | undefined {
    const words = this.problems.get(what)?.at(-1);
    this.problems.delete(what);
    return words;
  }
}
