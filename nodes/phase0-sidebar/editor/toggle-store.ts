/** The latest toggles, as far as the page keeps them. Pure. */
import type { TogglesAnswer } from '../../../src/trace/answers';
import type { ToggleTimeline } from '../../../src/trace/toggle-timeline';

/** Older ones are in the recorder, and in an export. */
const MAX_TOGGLES = 1000;

export class ToggleStore {
  /** The newest first. */
  private toggles: readonly ToggleTimeline[] = [];
  private newest = 0;
  /** Some came and went unread, because there were too many. */
  hasGaps = false;
  /** The server has answered. */
  isRead = false;

  /** Returns the cursor to go on from; none, to skip to the latest ones, when they come faster than they can be shown. */
  take({ cursor, reset, more, dropped, toggles }: TogglesAnswer): string | undefined {
    const newest = Math.max(0, ...toggles.map(({ seq }) => seq));
    // The latest ones of a process that was restarted since count from 1 again.
    if (reset || (toggles.length > 0 && newest < this.newest)) this.restart();
    const fresh = toggles.filter(({ seq }) => seq > this.newest);
    this.hasGaps ||= dropped > 0 || more;
    this.newest = Math.max(this.newest, newest);
    fresh.reverse();
    this.toggles = [...fresh, ...this.toggles].slice(0, MAX_TOGGLES);
    this.isRead = true;
    return more ? undefined : cursor;
  }

  all(): readonly ToggleTimeline[] {
    return this.toggles;
  }

  /** Those of devices that are gone, and those for ids that no device has, of nodes that are gone. */
  forget(keys: readonly string[], nodeIds: ReadonlySet<string>): void {
    if (keys.length === 0) return;
    const gone = new Set(keys);
    this.toggles = this.toggles.filter(({ key, nodeId }) => (key === undefined ? nodeIds.has(nodeId) : !gone.has(key)));
  }

  /** Those that come later are still shown. */
  clear(): void {
    this.toggles = [];
    this.hasGaps = false;
  }

  /** As at the beginning: for other toggles. */
  restart(): void {
    this.clear();
    this.newest = 0;
    this.isRead = false;
  }
}
