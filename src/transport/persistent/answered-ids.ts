/** Which device id the msg_ids on one connection were last answered to: the same answer may come a second time. */

/** How long each is remembered, at least; a second answer comes soon, or never. */
const KEPT_MS = 10_000;
/** With more in that time, only as many of the latest are sure to be remembered: some 3 MB for msg_ids of 64 characters. */
const MAX_KEPT = 10_000;

export class AnsweredIds {
  /** Two maps that take turns: the older one is dropped as a whole, so that no entry has to be removed. */
  private latest: Map<string, string> | undefined;
  private earlier: Map<string, string> | undefined;
  private latestSince = 0;

  /** The device id that was answered last with this msg_id, if it is remembered. */
  get(msgId: string): string | undefined {
    return this.latest?.get(msgId) ?? this.earlier?.get(msgId);
  }

  /** `at`: by the clock, in milliseconds. */
  add(msgId: string, deviceId: string, at: number): void {
    let { latest } = this;
    if (!latest || at - this.latestSince >= KEPT_MS || latest.size >= MAX_KEPT) {
      this.earlier = latest;
      this.latest = latest = new Map();
      this.latestSince = at;
    }
    latest.set(msgId, deviceId);
  }
}
