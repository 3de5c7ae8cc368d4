/** Summary of toggles that ended in a deploy or shutdown with no node left to receive the verdict. */
import { printable } from '../src/printable';

const MAX_IDS = 10;

export class ClosedSummary {
  private count = 0;
  private readonly deviceIds = new Set<string>();

  add(deviceId: string): void {
    this.count += 1;
    // One more than is shown, to know whether there are more.
    if (this.deviceIds.size <= MAX_IDS) this.deviceIds.add(printable(deviceId));
  }

  /** One line for the log; nothing if there were none. */
  text(): string | undefined {
    if (this.count === 0) return undefined;
    const ids = [...this.deviceIds].slice(0, MAX_IDS).join(', ');
    const more = this.deviceIds.size > MAX_IDS ? ', …' : '';
    const toggles = this.count === 1 ? '1 toggle' : `${this.count} toggles`;
    return `${toggles} ended as "closed" after the flow behind this node had stopped: ${ids}${more}`;
  }
}
