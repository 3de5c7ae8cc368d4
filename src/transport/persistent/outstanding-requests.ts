/** Requests that one connection has sent and that the device has not answered. */
import { TransientMap } from '../../transient';
import { AnsweredIds } from './answered-ids';
import type { Carrier, PendingRequest } from './pending-request';

/** Device ids whose missing replies are remembered; with more, the connection is not worth keeping. */
const MAX_OWING_IDS = 1000;

/** `Session` is the connection that carries them. */
export class OutstandingRequests<Session extends Carrier> {
  /** Requests that still wait for their reply, by msg_id. */
  private readonly inFlight = new TransientMap<string, PendingRequest<Session>>();
  /** The msg_id in flight of each device id; a lane sends one at a time. */
  private readonly inFlightIds = new TransientMap<string, string>();
  /**
   * How many packets were given up without a reply, by device id and msg_id: they may still be on their way to the device.
   * Two attempts of one toggle are two packets. Replies cannot be counted against them, since a device may answer twice:
   * only the reply to a newer toggle of the same device id shows that both have arrived.
   */
  private readonly givenUp = new Map<string, Map<string, number>>();
  /** The device ids of those, by msg_id: several device ids may have been sent one msg_id. */
  private readonly givenUpBy = new Map<string, Set<string>>();
  private readonly answeredIds = new AnsweredIds();

  get inFlightCount(): number {
    return this.inFlight.size;
  }

  /** Whether every packet was answered. */
  get areAllAnswered(): boolean {
    return this.inFlight.size === 0 && this.givenUp.size === 0;
  }

  /** Whether more replies are missing than can be remembered. */
  get areTooMany(): boolean {
    return this.givenUp.size > MAX_OWING_IDS;
  }

  /** The request in flight, if there is exactly one. */
  get only(): PendingRequest<Session> | undefined {
    if (this.inFlight.size !== 1) return undefined;
    const [only] = this.inFlight.values();
    return only;
  }

  /** The request in flight with this msg_id. */
  get(msgId: string): PendingRequest<Session> | undefined {
    return this.inFlight.get(msgId);
  }

  /** A copy of those in flight, the oldest first. */
  requests(): PendingRequest<Session>[] {
    return [...this.inFlight.values()];
  }

  add(request: PendingRequest<Session>): void {
    this.inFlight.set(request.msgId, request);
    this.inFlightIds.set(request.deviceId, request.msgId);
  }

  /** A reply came, `at` by the clock. What its device id was sent before the toggle was delivered before it. */
  answered(request: PendingRequest<Session>, at: number): void {
    const { deviceId, msgId } = request;
    const packets = (this.givenUp.get(deviceId)?.get(msgId) ?? 0) + (this.inFlight.has(msgId) ? 1 : 0);
    this.remove(request);
    for (const each of this.givenUp.get(deviceId)?.keys() ?? []) this.forget(deviceId, each, at);
    if (packets > 1) this.remember(deviceId, msgId, packets);
    this.answeredIds.add(msgId, deviceId, at);
  }

  /** Nobody waits for the reply to this request any more. */
  giveUp(request: PendingRequest<Session>): void {
    const { deviceId, msgId } = request;
    this.remove(request);
    this.remember(deviceId, msgId, (this.givenUp.get(deviceId)?.get(msgId) ?? 0) + 1);
  }

  /** A reply came that nobody waited for any more, `at` by the clock. */
  answeredLate(msgId: string, at: number): void {
    for (const deviceId of this.givenUpBy.get(msgId) ?? []) {
      if (this.givenUp.get(deviceId)?.get(msgId) === 1) this.forget(deviceId, msgId, at);
    }
  }

  /** Whether an older command than `msgId` for this device id may still be on its way. */
  hasOlder(deviceId: string, msgId: string): boolean {
    const inFlight = this.inFlightIds.get(deviceId);
    return (inFlight !== undefined && inFlight !== msgId) || hasOther(this.givenUp.get(deviceId), msgId);
  }

  /** Whether a second answer to another device id would look like the reply to `msgId` of this one. */
  wasAnsweredToOther(deviceId: string, msgId: string): boolean {
    return (this.answeredIds.get(msgId) ?? deviceId) !== deviceId;
  }

  /** Whether a late reply for another device id would look like the reply to `msgId` of this one. */
  isAmbiguous(deviceId: string, msgId: string): boolean {
    return hasOther(this.givenUpBy.get(msgId), deviceId);
  }

  /** Whether this request was given up, so that a reply to it may still come. */
  wasGivenUp(deviceId: string, msgId: string): boolean {
    return this.givenUp.get(deviceId)?.has(msgId) === true;
  }

  private remove({ deviceId, msgId }: PendingRequest<Session>): void {
    this.inFlight.delete(msgId);
    if (this.inFlightIds.get(deviceId) === msgId) this.inFlightIds.delete(deviceId);
  }

  private remember(deviceId: string, msgId: string, packets: number): void {
    entry(this.givenUp, deviceId, () => new Map()).set(msgId, packets);
    entry(this.givenUpBy, msgId, () => new Set()).add(deviceId);
  }

  private forget(deviceId: string, msgId: string, at: number): void {
    const packets = this.givenUp.get(deviceId);
    if (packets?.delete(msgId) && packets.size === 0) this.givenUp.delete(deviceId);
    const deviceIds = this.givenUpBy.get(msgId);
    if (deviceIds?.delete(deviceId) && deviceIds.size === 0) this.givenUpBy.delete(msgId);
    // It was answered late, or its answer may still come: either way, a further one must not confirm another device id.
    this.answeredIds.add(msgId, deviceId, at);
  }
}

/** The value of `key`, which is created if it is missing. */
function entry<V>(map: Map<string, V>, key: string, create: () => V): V {
  const existing = map.get(key);
  if (existing !== undefined) return existing;
  const created = create();
  map.set(key, created);
  return created;
}

function hasOther(values: Pick<ReadonlySet<string>, 'has' | 'size'> | undefined, value: string): boolean {
  return values !== undefined && values.size > (values.has(value) ? 1 : 0);
}
