/** How much memory the packet trace may take: `phase0.traceBytes` in the settings file. */
import { show } from '../src/settings/show';
import { DEFAULT_TRACE_BYTES } from '../src/trace/recorder';
import { MIN_TRACE_BYTES } from '../src/trace/trace-memory';
import type { NodeApi } from './red';

const MAX_TRACE_BYTES = 1024 * 1024 * 1024;

export interface TraceBytesSource {
  readonly settings: NodeApi['settings'];
  readonly log: Pick<NodeApi['log'], 'error' | 'warn'>;
}

/** 0 = off. Says so if it is not what the settings file has. */
export function traceBytes({ settings, log }: TraceBytesSource): number {
  const { traceBytes: value = DEFAULT_TRACE_BYTES } = (settings.phase0 ?? {}) as { traceBytes?: unknown };
  const name = 'phase0: traceBytes in the settings file';
  if (typeof value !== 'number' || !(value >= 0 && value <= MAX_TRACE_BYTES)) {
    const range = `0 (off) or a number of bytes from ${MIN_TRACE_BYTES} to ${MAX_TRACE_BYTES}`;
    log.error(`${name} must be ${range}, not ${show(value)}; ${DEFAULT_TRACE_BYTES} is used`);
    return DEFAULT_TRACE_BYTES;
  }
  if (value === 0) return 0;
  if (value >= MIN_TRACE_BYTES) return Math.floor(value);
  log.warn(`${name} is ${value}; ${MIN_TRACE_BYTES} is used, the least that is accepted besides 0 (off)`);
  return MIN_TRACE_BYTES;
}
