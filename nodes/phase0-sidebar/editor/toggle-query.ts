/** Which toggles to read or to export: filters of the trace as a query of the routes. Pure. */
import type { ToggleTimeline } from '../../../src/trace/answers';
import type { VerdictOutcome } from '../../../src/outcomes';
import type { DeviceStore } from './device-store';

export interface TraceFilter {
  /** Part of the name, id, host or a tag of the device. */
  readonly text: string;
  readonly outcome: VerdictOutcome | '';
}

/** Servers and proxies refuse longer addresses. */
const MAX_QUERY_LENGTH = 6000;

/**
 * The filters as a query; undefined if there are too many devices, or none, to name: then the page has to filter what it
 * reads, and there is nothing to export.
 */
export function queryOf({ text, outcome }: TraceFilter, devices: DeviceStore): string | undefined {
  const query = new URLSearchParams();
  if (outcome !== '') query.set('outcome', outcome);
  if (text.trim() !== '') {
    const found = devices.found({ text, tag: '', outcome: '' });
    if (found.length === 0) return undefined;
    for (const { summary } of found) query.append('device', summary.key);
  }
  const text_ = query.toString();
  return text_.length <= MAX_QUERY_LENGTH ? text_ : undefined;
}

/** Whether the page shows a toggle that came. */
export function isShown(
  { key, deviceId, outcome }: ToggleTimeline,
  filter: TraceFilter,
  devices: DeviceStore,
): boolean {
  if (filter.outcome !== '' && outcome !== filter.outcome) return false;
  const wanted = filter.text.trim().toLowerCase();
  if (wanted === '') return true;
  const device = key === undefined ? undefined : devices.get(key);
  return (device?.searchText ?? deviceId.toLowerCase()).includes(wanted);
}
