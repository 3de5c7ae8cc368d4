/** What a text filter looks at, in the list of devices as in the trace. Browser-safe. */
import type { DeviceSummary } from './answers';

/** A filter finds a part of the name, id, host or a tag, in any case. */
export function searchTextOf({
  name,
  deviceId,
  address,
  tags = [],
}: Pick<DeviceSummary, 'name' | 'deviceId' | 'address' | 'tags'>): string {
  return [name ?? '', deviceId, address?.host ?? '', ...tags].join('\n').toLowerCase();
}

/** What is to be found in a search text; empty if every device is wanted. */
export function wantedText(text: string): string {
  return text.trim().toLowerCase();
}
