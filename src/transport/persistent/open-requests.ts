/** Requests of one device that have not ended: they wait to be sent, or are in flight on one of its connections. */
import type { Answer } from '../../protocol/reply-stream';
import { TransientMap, TransientSet } from '../../transient';
import type { PendingRequest } from './pending-request';
import type { Session } from './session';

export class OpenRequests {
  /** Those that wait to be sent, the oldest first. */
  readonly waiting = new TransientSet<PendingRequest<Session>>();
  /** Those whose packet went out, by msg_id. */
  private readonly inFlight = new TransientMap<string, PendingRequest<Session>>();

  isInFlight(msgId: string): boolean {
    return this.inFlight.has(msgId);
  }

  /** A new request, or one whose packet has to be sent again. */
  addWaiting(request: PendingRequest<Session>): void {
    this.remove(request);
    this.waiting.add(request);
  }

  addInFlight(request: PendingRequest<Session>): void {
    this.waiting.delete(request);
    this.inFlight.set(request.msgId, request);
  }

  remove(request: PendingRequest<Session>): void {
    this.waiting.delete(request);
    if (this.inFlight.get(request.msgId) === request) this.inFlight.delete(request.msgId);
  }

  /** The request whose reply this is, whichever attempt and connection it comes by. */
  addressee({ outstanding }: Session, answer: Answer): PendingRequest<Session> | undefined {
    if (answer.kind !== 'framed') return outstanding.only;
    const { msgId } = answer.reply;
    const here = outstanding.get(msgId);
    if (here) return here;
    const wasGivenUp = (request: PendingRequest<Session>) =>
      request.msgId === msgId && outstanding.wasGivenUp(request.deviceId, msgId);
    const elsewhere = this.inFlight.get(msgId);
    if (elsewhere && wasGivenUp(elsewhere)) return elsewhere;
    for (const request of this.waiting) if (wasGivenUp(request)) return request;
    return undefined;
  }
}
