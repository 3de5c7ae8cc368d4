/** The query of a route, checked: a filter that is left out because it is not understood would answer with other toggles. */
import type { VerdictOutcome } from '../../src/outcomes';
import { show } from '../../src/settings/show';
import type { ExportFormat } from '../../src/trace/answers';
import { OUTCOMES } from '../../src/trace/spark';
import type { ToggleFilter } from '../../src/trace/toggle-finder';

/** What an address has room for; the tags of a row have 1000 characters together. */
const MAX_TEXT = 256;
const MAX_TAG = 1000;
const FORMATS: readonly ExportFormat[] = ['jsonl', 'pcapng'];

const FILTERS = ['since', 'device', 'text', 'tag', 'outcome'] as const;
/** What each route knows. */
const PARAMETERS = {
  devices: ['since', 'wait'],
  device: ['key'],
  toggles: [...FILTERS, 'limit', 'wait'],
  export: [...FILTERS, 'format'],
} as const satisfies Record<string, readonly string[]>;
/** What any route knows. Other names are left to what else uses the address, such as `access_token`. */
const NAMES = new Set<string>(Object.values(PARAMETERS).flat());

export type TracePath = keyof typeof PARAMETERS;

/** What is wrong with a query, for whoever sent it. */
export class BadQuery extends Error {}

/** Not that of Express, which makes an object of a name that comes more than 20 times. Throws {@link BadQuery}. */
export class Query {
  private readonly values: URLSearchParams;

  /** Of the address of a request to `phase0/<path>`. */
  constructor(path: TracePath, url: string) {
    this.values = new URLSearchParams(url.split('?').slice(1).join('?'));
    const accepted: readonly string[] = PARAMETERS[path];
    for (const name of this.values.keys()) {
      const [known = ''] = name.split('[', 1);
      if (!NAMES.has(known) || accepted.includes(name)) continue;
      if (!accepted.includes(known)) throw new BadQuery(`${known} is not a parameter of phase0/${path}`);
      throw new BadQuery(`${show(name)} is not a parameter: write ${known}=…, again for each value`);
    }
  }

  get since(): string | undefined {
    return this.one('since');
  }

  /** How many ms the client would wait. */
  get wait(): number {
    return this.count('wait', 0) ?? 0;
  }

  /** Of a device. */
  get key(): string {
    const key = this.one('key');
    if (key === undefined) throw new BadQuery('key is required: that of a device');
    return key;
  }

  get format(): ExportFormat {
    return oneOf(FORMATS, 'format', this.one('format'));
  }

  get filter(): ToggleFilter {
    const { since } = this;
    const devices = this.values.getAll('device');
    const text = this.text('text', MAX_TEXT);
    const tag = this.text('tag', MAX_TAG);
    const outcomes = this.values.getAll('outcome').map((value): VerdictOutcome => oneOf(OUTCOMES, 'outcome', value));
    const limit = this.count('limit', 1);
    return {
      ...(since !== undefined && { since }),
      ...(devices.length > 0 && { devices: new Set(devices) }),
      ...(text !== undefined && { text }),
      ...(tag !== undefined && { tag }),
      ...(outcomes.length > 0 && { outcomes: new Set(outcomes) }),
      ...(limit !== undefined && { limit }),
    };
  }

  /** Absent if it is empty, like a filter in which nothing was typed. */
  private text(name: string, max: number): string | undefined {
    const value = this.one(name) ?? '';
    if (value.length > max) throw new BadQuery(`${name} may have ${max} characters, and has ${value.length}`);
    return value === '' ? undefined : value;
  }

  private count(name: string, min: number): number | undefined {
    const value = this.one(name);
    if (value === undefined) return undefined;
    const count = /^\d{1,15}$/.test(value) ? Number(value) : -1;
    if (count < min) throw new BadQuery(`${name} must be a whole number from ${min}, not ${show(value)}`);
    return count;
  }

  private one(name: string): string | undefined {
    const [value, ...others] = this.values.getAll(name);
    if (others.length > 0) throw new BadQuery(`${name} may come once, and comes ${others.length + 1} times`);
    return value;
  }
}

function oneOf<Value extends string>(accepted: readonly Value[], name: string, value: string | undefined): Value {
  const found = accepted.find((each) => each === value);
  if (found !== undefined) return found;
  throw new BadQuery(`${name} must be one of ${accepted.join(', ')}, not ${show(value)}`);
}
