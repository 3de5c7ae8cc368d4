/** Which toggles to read or to export: filters of the trace as a query of the routes. Pure. */
import type { VerdictOutcome } from '../../../src/outcomes';

export interface TraceFilter {
  /** Part of the name, id, host or a tag of the device; also of a device id that no device has. */
  readonly text: string;
  readonly tag: string;
  readonly outcome: VerdictOutcome | '';
}

export const EVERY_TOGGLE: TraceFilter = { text: '', tag: '', outcome: '' };

/** Longer texts are refused by the server. */
export const MAX_TEXT = 256;

/** The server looks for the text and the tag, since the page does not know every device id that toggles name. */
export function queryOf(filter: TraceFilter): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter) as [string, string][]) {
    if (value.trim() !== '') query.set(name, value);
  }
  return query;
}
