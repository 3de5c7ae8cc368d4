/** Words for what the server said, in the language of the editor. What comes from outside is made printable. */
import type { Cause, VerdictOutcome } from '../../../src/outcomes';
import { printable } from '../../../src/printable';
import type { DeviceSummary, LastVerdict } from '../../../src/trace/answers';
import type { DeviceAddress } from '../../../src/trace/toggle-timeline';
import { keyOf, SHARED } from '../../phrases';

export function say(key: string, values: object = {}): string {
  return RED._(`${keyOf('phase0-sidebar')}.${key}`, values);
}

export function deviceName({ name, deviceId }: Pick<DeviceSummary, 'name' | 'deviceId'>): string {
  return printable(name ?? deviceId);
}

export function addressText(address: DeviceAddress | undefined): string {
  if (!address) return '–';
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${printable(host)}:${address.port}${address.tls ? ' · TLS' : ''}`;
}

export function outcomeWord(outcome: VerdictOutcome): string {
  return say(`outcome.${outcome}`);
}

export function stateWord(state: boolean | undefined): string {
  return say(`state.${state === undefined ? 'unknown' : state ? 'on' : 'off'}`);
}

/** Such as `failed: port refused`; a confirmed one only says so. */
export function verdictWords({ outcome, cause, reason }: Pick<LastVerdict, 'outcome' | 'cause' | 'reason'>): string {
  const why = cause ? RED._(`${SHARED}.cause.${cause}.short`) : reason;
  return why === undefined ? outcomeWord(outcome) : `${outcomeWord(outcome)}: ${printable(why)}`;
}

/** What happened, and what to do. */
export function causeText(
  cause: Cause,
  address: DeviceAddress | undefined,
): { readonly what: string; readonly advice: string } {
  const values = { host: printable(address?.host ?? ''), port: address?.port ?? 0 };
  const part = (name: string) => RED._(`${SHARED}.cause.${cause}.${name}`, values);
  return { what: part('what'), advice: part('advice') };
}

/** Such as `850 µs`, `12.3 ms` or `1.50 s`. */
export function duration(us: number): string {
  if (us < 1000) return `${number(us, 0)} µs`;
  if (us < 1_000_000) return `${number(us / 1000, us < 100_000 ? 1 : 0)} ms`;
  return `${number(us / 1_000_000, 2)} s`;
}

const AGES = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const;

/** Such as `12s`, as short as the language has it. */
export function age(ms: number): string {
  const [unit, size] = AGES.find(([, each]) => ms >= each) ?? ['second', 1000];
  return format(`unit ${unit}`, { style: 'unit', unit, unitDisplay: 'narrow' }).format(
    Math.max(0, Math.floor(ms / size)),
  );
}

export function time(at: number): string {
  const text = new Date(at).toLocaleTimeString(RED.i18n.lang(), { hour12: false });
  return `${text}.${String(Math.floor(at) % 1000).padStart(3, '0')}`;
}

export function number(value: number, digits = 0): string {
  return format(`number ${digits}`, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/** Making one takes longer than using it. */
const formats = new Map<string, Intl.NumberFormat>();

function format(kind: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const known = formats.get(kind) ?? new Intl.NumberFormat(RED.i18n.lang(), options);
  formats.set(kind, known);
  return known;
}
