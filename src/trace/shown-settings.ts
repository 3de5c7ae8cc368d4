/** The settings of a device that its page shows: few, and none that is a secret. Browser-safe. */
import type { ShownSettings } from './answers';

/** In the order of the page. */
export const SHOWN_SETTINGS: readonly (keyof ShownSettings)[] = [
  'connection',
  'reply',
  'connectTimeoutMs',
  'ioTimeoutMs',
  'maxAttempts',
  'queueMode',
  'breakerFailures',
];

/** Nothing but those, of settings that may have more. */
export function shownSettings({
  connection,
  reply,
  connectTimeoutMs,
  ioTimeoutMs,
  maxAttempts,
  queueMode,
  breakerFailures,
}: ShownSettings): ShownSettings {
  return { connection, reply, connectTimeoutMs, ioTimeoutMs, maxAttempts, queueMode, breakerFailures };
}
