/** Where a JSON text goes wrong, and where the members of its outermost object are. Browser-safe; imports nothing. */

/** From `start` up to, and without, `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface JsonScan {
  /** Index of the first character that cannot be part of JSON; the length of the text if it breaks off. */
  readonly fault?: number;
  /** Where the values of the outermost object are, by key; the last one of several with the same key, as JSON.parse does. */
  readonly members: ReadonlyMap<string, Range>;
}

type Expected = 'value' | 'item or ]' | 'key or }' | 'key' | ':' | ', or end' | 'nothing';

/** Not recursive: a hostile text may be nested as deep as it is long. Browsers' own errors do not say where. */
export function scanJson(text: string): JsonScan {
  return new Scanner(text).run();
}

class Scanner {
  private at = 0;
  private expected: Expected = 'value';
  private readonly open: ('{' | '[')[] = [];
  private readonly members = new Map<string, Range>();
  private memberStart = 0;
  private memberKey = '';

  constructor(private readonly text: string) {}

  run(): JsonScan {
    const { text, members } = this;
    for (;;) {
      while (/[ \t\r\n]/.test(text.charAt(this.at))) this.at += 1;
      if (this.at >= text.length) return this.expected === 'nothing' ? { members } : { fault: text.length, members };
      if (!this.step(text.charAt(this.at))) return { fault: this.at, members };
    }
  }

  /** Takes one token; false if it is wrong, and then `at` is where. */
  private step(character: string): boolean {
    switch (this.expected) {
      case 'nothing':
        return false;
      case ':':
        return character === ':' && this.take('value');
      case ', or end':
        return this.endOrNext(character);
      case 'key':
      case 'key or }':
        if (character === '}' && this.expected === 'key or }') return this.close();
        return character === '"' && this.key();
      case 'value':
      case 'item or ]':
        if (character === ']' && this.expected === 'item or ]') return this.close();
        return this.value(character);
    }
  }

  private take(next: Expected): true {
    this.at += 1;
    this.expected = next;
    return true;
  }

  private endOrNext(character: string): boolean {
    const container = this.open.at(-1);
    if (character === ',') return this.take(container === '{' ? 'key' : 'value');
    return character === (container === '{' ? '}' : ']') && this.close();
  }

  private close(): true {
    this.open.pop();
    this.at += 1;
    this.valueEnded();
    return true;
  }

  private key(): boolean {
    const start = this.at;
    if (!this.string()) return false;
    if (this.open.length === 1) this.memberKey = JSON.parse(this.text.slice(start, this.at)) as string;
    this.expected = ':';
    return true;
  }

  private value(character: string): boolean {
    if (this.open.length === 1 && this.open[0] === '{') this.memberStart = this.at;
    if (character === '{' || character === '[') {
      this.open.push(character);
      return this.take(character === '{' ? 'key or }' : 'item or ]');
    }
    const isWhole = character === '"' ? this.string() : /[-\d]/.test(character) ? this.number() : this.word(character);
    if (isWhole) this.valueEnded();
    return isWhole;
  }

  private valueEnded(): void {
    if (this.open.length === 1 && this.open[0] === '{') {
      this.members.set(this.memberKey, { start: this.memberStart, end: this.at });
    }
    this.expected = this.open.length === 0 ? 'nothing' : ', or end';
  }

  private string(): boolean {
    const { text } = this;
    for (this.at += 1; this.at < text.length; this.at += 1) {
      const character = text.charAt(this.at);
      if (character < ' ') return false;
      if (character === '"') {
        this.at += 1;
        return true;
      }
      if (character === '\\' && !this.escape()) return false;
    }
    return false;
  }

  /** Leaves `at` on the last character of the escape. */
  private escape(): boolean {
    this.at += 1;
    const character = this.text.charAt(this.at);
    if (character !== 'u') return /["\\/bfnrt]/.test(character);
    for (let digit = 0; digit < 4; digit += 1) {
      this.at += 1;
      if (!/[\da-f]/i.test(this.text.charAt(this.at))) return false;
    }
    return true;
  }

  private number(): boolean {
    if (this.text.charAt(this.at) === '-') this.at += 1;
    if (this.text.charAt(this.at) === '0') this.at += 1;
    else if (!this.digits()) return false;
    if (this.text.charAt(this.at) === '.') {
      this.at += 1;
      if (!this.digits()) return false;
    }
    if (!/e/i.test(this.text.charAt(this.at))) return true;
    this.at += 1;
    if (/[-+]/.test(this.text.charAt(this.at))) this.at += 1;
    return this.digits();
  }

  private digits(): boolean {
    const start = this.at;
    while (/\d/.test(this.text.charAt(this.at))) this.at += 1;
    return this.at > start;
  }

  private word(character: string): boolean {
    const word = { t: 'true', f: 'false', n: 'null' }[character];
    if (word === undefined) return false;
    for (const each of word) {
      if (this.text.charAt(this.at) !== each) return false;
      this.at += 1;
    }
    return true;
  }
}
