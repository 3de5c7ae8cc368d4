/** Journal of one run: a digest of everything that happened, and on demand the timeline that a person reads. */

/** What may be noted: nothing whose text depends on the version of Node.js, as error messages do. */
type Part = string | number | boolean | undefined;

export class Journal {
  /** Empty unless the run is recorded. */
  readonly lines: string[] = [];
  private high = 0x811c9dc5;
  private low = 0xcbf29ce4;
  /** The time as text, which takes long to make, and is the same for several notes. */
  private lastMs = -1;
  private lastTime = '';

  constructor(
    private readonly nowMs: () => number,
    private readonly isRecording: boolean,
  ) {}

  /** The same for two runs if, and only if, the same happened at the same times. */
  get digest(): string {
    return [this.high, this.low].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
  }

  note(who: string, what: string, ...parts: readonly Part[]): void {
    const time = this.nowMs();
    if (time !== this.lastMs) {
      this.lastMs = time;
      this.lastTime = String(time);
    }
    this.mix(this.lastTime);
    this.mixWord(who);
    this.mixWord(what);
    if (parts.length === 0) this.mix(' ');
    for (const part of parts) this.mixWord(part === undefined ? '' : String(part));
    if (this.isRecording) this.lines.push(line(time, who, what, parts));
  }

  private mixWord(word: string): void {
    this.mix(' ');
    this.mix(word);
  }

  /** Piece by piece: to put a line together first would take longer than to mix it. */
  private mix(text: string): void {
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      this.high = Math.imul(this.high ^ code, 0x01000193);
      this.low = Math.imul(this.low ^ code, 0x85ebca6b) ^ (this.low >>> 13);
    }
  }
}

function line(time: number, who: string, what: string, parts: readonly Part[]): string {
  const text = parts.filter((part) => part !== undefined).join(' ');
  return `${time.toFixed(2).padStart(12)} ms  ${who.padEnd(14)} ${what} ${text}`.trimEnd();
}
