/** Journal of one run: a digest of everything that happened, and on demand the timeline that a person reads. */

/** What may be noted: nothing whose text depends on the version of Node.js, as error messages do. */
type Part = string | number | boolean | undefined;

/** Tells the end of a note from another part of it. */
const END_OF_NOTE = 3;

export class Journal {
  /** Empty unless the run is recorded. */
  readonly lines: string[] = [];
  private high = 0x811c9dc5;
  private low = 0xcbf29ce4;
  /** A number, and its bytes as two halves: to make a text of it would take longer. */
  private readonly number = new Float64Array(1);
  private readonly halves = new Uint32Array(this.number.buffer);

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
    this.mixNumber(time);
    this.mixText(who);
    this.mixText(what);
    for (const part of parts) this.mixPart(part);
    this.mix(END_OF_NOTE);
    if (this.isRecording) this.lines.push(line(time, who, what, parts));
  }

  /** Piece by piece: to put a line together first would take longer than to mix it. */
  private mixPart(part: Part): void {
    if (typeof part === 'string') this.mixText(part);
    else if (typeof part === 'number') this.mixNumber(part);
    else this.mix(part === undefined ? 0 : part ? 1 : 2);
  }

  private mixNumber(value: number): void {
    const { number, halves } = this;
    number[0] = value;
    this.mix(halves[0] ?? 0);
    this.mix(halves[1] ?? 0);
  }

  private mixText(text: string): void {
    this.mix(text.length);
    for (let index = 0; index < text.length; index += 1) this.mix(text.charCodeAt(index));
  }

  private mix(code: number): void {
    this.high = Math.imul(this.high ^ code, 0x01000193);
    this.low = Math.imul(this.low ^ code, 0x85ebca6b) ^ (this.low >>> 13);
  }
}

function line(time: number, who: string, what: string, parts: readonly Part[]): string {
  const text = parts.filter((part) => part !== undefined).join(' ');
  return `${time.toFixed(2).padStart(12)} ms  ${who.padEnd(14)} ${what} ${text}`.trimEnd();
}
