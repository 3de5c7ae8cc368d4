/** What a text filter looks at, in the list of devices as in the trace. Browser-safe. */
import type { DeviceSummary } from './answers';

type Searched = Pick<DeviceSummary, 'name' | 'address' | 'tags'>;

/**
 * A filter finds a part of the name, id, host or a tag, in any case. Put together by hand: this runs for thousands of
 * devices while toggles wait.
 */
export function searchTextOf(deviceId: string, { name, address, tags }: Searched): string {
  let text = deviceId;
  if (name !== undefined) text += `\n${name}`;
  if (address) text += `\n${address.host}`;
  if (tags) for (const tag of tags) text += `\n${tag}`;
  return text.toLowerCase();
}

/** What is to be found in a search text; empty if every device is wanted. */
export function wantedText(text: string): string {
  return text.trim().toLowerCase();
}
