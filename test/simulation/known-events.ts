/** Which packet events an attempt has, by how it ended. */
import type { AttemptOutcome } from '../../src/outcomes';

/** The packet events of an attempt, by how it ended. */
const EVENTS: Readonly<Record<AttemptOutcome, RegExp>> = {
  success: /^send success,recv success$/,
  rejected: /^send success,recv success$/,
  bad_reply: /^send success,recv error$/,
  timeout: /^send success,recv timeout$/,
  connection_closed: /^send success,recv closed$/,
  send_failed: /^send error$/,
  connection_failed: /^send error$/,
  cancelled: /^(send success)?$/,
};
/** A packet that an idle connection took in vain is sent once more. */
const RESENT = /^send success,recv closed(,|$)/;

/** Those that were looked at before; there are few. */
const known = new Map<string, boolean>();

/** Whether an attempt with this outcome may have had these packet events. */
export function areKnownEvents(events: string, outcome: AttemptOutcome, isPersistent: boolean): boolean {
  const key = `${outcome} ${isPersistent} ${events}`;
  let isKnown = known.get(key);
  if (isKnown !== undefined) return isKnown;
  // A reply that comes before the send is reported needs no report of the send.
  const again = events.replace(RESENT, '');
  const forms = isPersistent ? [events, again].flatMap((form) => [form, `send success,${form}`]) : [events];
  isKnown = forms.some((form) => EVENTS[outcome].test(form));
  known.set(key, isKnown);
  return isKnown;
}
