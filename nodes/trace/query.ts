/** Filters in the query of a route; what is not valid is left out, since a query comes from anywhere. */
import type { VerdictOutcome } from '../../src/outcomes';
import { OUTCOMES } from '../../src/trace/spark';
import type { ToggleFilter } from '../../src/trace/toggles-answer';

/** Values of one name; more would only make the server work. */
const MAX_VALUES = 1000;

export function readFilter(query: Readonly<Record<string, unknown>>): ToggleFilter {
  const { since, device, outcome, limit } = query;
  const devices = valuesOf(device);
  const outcomes = valuesOf(outcome).filter((value): value is VerdictOutcome =>
    OUTCOMES.some((each) => each === value),
  );
  const count = Number(limit);
  return {
    ...(typeof since === 'string' && { since }),
    ...(devices.length > 0 && { devices: new Set(devices) }),
    ...(outcomes.length > 0 && { outcomes: new Set(outcomes) }),
    ...(typeof limit === 'string' && Number.isInteger(count) && count > 0 && { limit: count }),
  };
}

/** A name that comes once is a text, one that comes several times a list. */
function valuesOf(value: unknown): string[] {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.slice(0, MAX_VALUES).filter((each) => typeof each === 'string');
}
