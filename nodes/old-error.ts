/** `msg.error` of an earlier try: a flow that sends failed messages again gets it back with the next one. */
import type { Message } from './red';

/** Deletes an error that one of our nodes wrote, since it says nothing about what was confirmed. Any other one stays. */
export function leaveOldError(msg: Message): void {
  const type = writerOf(msg);
  if (typeof type === 'string' && type.startsWith('phase0-')) delete msg.error;
}

function writerOf({ error }: Message): unknown {
  try {
    return (error as { readonly source?: { readonly type?: unknown } } | undefined)?.source?.type;
  } catch {
    // A getter of somebody else.
    return undefined;
  }
}
