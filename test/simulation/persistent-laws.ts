/** Laws of attempts over persistent connections: a reply that came is taken, and one that is taken came. */
import { name, textOf, type What, type AttemptFact, type Broken, type ToggleFact } from './facts';
import type { SimSocket } from './sim-socket';
import { after, joined, NONE, readFrames, readReply } from './wire-reference';

/** When a connection had brought a whole reply to the toggle, and what it was. */
interface Came {
  readonly atMs: number;
  readonly opcode: 'ack' | 'nack';
}

/** `isShared`: another device id was sent the same message id, so that a reply may be meant for either. */
export function judgePersistent(toggle: ToggleFact, attempt: AttemptFact, isShared: boolean, broken: Broken): void {
  const { end, ended, started } = attempt;
  const { reply } = toggle.era.settings;
  if (!end || !ended) return;
  const { outcome } = end;
  const check = (isTrue: boolean, what: What) => {
    if (!isTrue) broken('persistent', `${name(toggle)}, attempt ${end.attempt}: ${textOf(what)}`);
  };
  const { carriers } = toggle;
  if (attempt.packets.slice(0, -1).some((packet) => packet.outcome === 'closed')) {
    check(
      !carriers.slice(0, -1).some((socket) => isBusy(attempt, socket)),
      'its packet was sent again, and its connection was not idle',
    );
  }
  if (outcome === 'timeout')
    check(
      carriers.every(({ unread }) => unread === 0),
      'it gave up before it had read',
    );
  // Before the first framed reply, other policies drop bytes that nobody waits for; which ones is the core's own matter.
  if (reply !== 'framed' || isShared) {
    const hasData = carriers.some(({ seen }) => seen.at(-1)?.kind === 'data' && seen.at(-1)?.atMs === ended.atMs);
    if (outcome === 'success' || outcome === 'rejected') check(hasData, () => `${outcome}, and no reply came`);
    return;
  }
  const came = carriers.flatMap((socket) => repliesTo(toggle.msgId, socket));
  const now = came.filter(({ atMs }) => atMs === ended.atMs);
  if (outcome === 'success')
    return check(
      now.some(({ opcode }) => opcode === 'ack'),
      'success, and no ack came',
    );
  if (outcome === 'rejected')
    return check(
      now.some(({ opcode }) => opcode === 'nack'),
      'rejected, and no nack came',
    );
  if (outcome === 'bad_reply' || outcome === 'cancelled') return;
  // A reply that comes between two attempts is dropped, and so is a second one that comes during the next.
  const hadReply = came.some(({ atMs }) => atMs <= started.atMs);
  const missed = came.find(({ atMs }) => !hadReply && atMs > started.atMs && atMs < ended.atMs);
  check(missed === undefined, () => `${outcome}, and ${missed?.opcode} came at ${missed?.atMs} ms`);
}

/** Whether bytes came over a connection after it had taken the packet, and before it was lost. */
function isBusy({ packets, started }: AttemptFact, { seen }: SimSocket): boolean {
  const packet = packets[0]?.bytes;
  const sent = seen.findIndex((each) => each.kind === 'sent' && each.packet === packet && each.atMs >= started.atMs);
  const failed = seen.findIndex(({ kind }) => kind === 'failed');
  return sent !== -1 && failed > sent && seen.slice(sent, failed).some(({ kind }) => kind === 'data');
}

export function repliesTo(msgId: string, { seen }: SimSocket): Came[] {
  const came: Came[] = [];
  let isConnected = false;
  let rest: Buffer = NONE;
  for (const each of seen) {
    isConnected ||= each.kind === 'connected';
    if (!isConnected || each.kind !== 'data') continue;
    // A greeting, or a second raw answer, that nobody waits for.
    if (rest.length === 0 && each.bytes[0] !== 0xf0) continue;
    const bytes = joined(rest, each.bytes);
    const { frames } = readFrames(bytes);
    rest = after(bytes, frames);
    for (const { json } of frames) {
      const reply = readReply(json);
      if (reply !== 'invalid' && reply.msgId === msgId) came.push({ atMs: each.atMs, opcode: reply.opcode });
    }
  }
  return came;
}
