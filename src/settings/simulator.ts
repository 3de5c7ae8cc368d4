/** Settings and modes of the simulated device. Browser-safe. */
import { choice, decimal, integer, text, type Settings } from './field';

/** How the simulated device behaves (protocol, section 10). */
export const MODES = [
  'success',
  'delay',
  'disconnect',
  'timeout',
  'reject',
  'nack',
  'garbage',
  'drip',
  'truncate',
  'flaky',
] as const;
export type Mode = (typeof MODES)[number];

const REPLY_KINDS = ['raw', 'framed'] as const;

export function isMode(value: unknown): value is Mode {
  return (MODES as readonly unknown[]).includes(value);
}

/** The mode that a text names; case and surrounding space are ignored. */
export function modeNamed(value: unknown): Mode | undefined {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : undefined;
  return MODES.find((mode) => mode === word);
}

export const simulatorFields = {
  host: text({ default: '127.0.0.1', min: 1, max: 253, trim: true }),
  port: integer({ default: 9000, min: 0, max: 65_535 }),
  mode: choice(MODES, 'success'),
  reply: choice(REPLY_KINDS, 'raw'),
  delayMs: integer({ default: 500, min: 0, max: 600_000, unit: 'ms' }),
  failureRate: decimal({ default: 0.5, min: 0, max: 1 }),
  seed: integer({ default: 1, min: 0, max: 4_294_967_295 }),
} as const;

/** Settings of the simulated device; port 0 takes a free one. */
export type SimulatorSettings = Settings<typeof simulatorFields>;
