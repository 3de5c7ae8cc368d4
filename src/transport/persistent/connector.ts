/** Owns which kept connection is the current one: opens, loses, reopens with back-off, retires. Knows no toggles. */
import type { CancelTimer, Clock } from '../../clock';
import type { StepFailure } from '../connection';
import type { ConnectionState } from '../../observer';
import { delayAfterMs, type Random, type RetryPolicy } from '../../retry';
import type { TransportSettings } from '../transport';
import { KeptLink, type LinkListener } from './session';

export interface OpenerSettings extends TransportSettings, RetryPolicy {}

/** What the opener tells, besides what its links do. */
export interface OpenerListener extends Omit<LinkListener, 'gone'> {
  opened(): void;
  unopened(failed: StepFailure): void;
  state(state: ConnectionState): void;
}

/** A policy without back-off must not dial a dead device without end. */
const MIN_REOPEN_MS = 50;

export class Opener {
  /** Why the last connection went, or did not come about, in words. */
  problem: string | undefined;
  private currentLink: KeptLink | undefined;
  private currentState: ConnectionState = 'disconnected';
  private cancelReopen: CancelTimer | undefined;
  private reopenAt = 0;
  private failuresInARow = 0;
  /** Every link that has a socket, and the end of those that are retired. */
  private readonly links = new Map<KeptLink, CancelTimer | undefined>();

  constructor(
    private readonly settings: OpenerSettings,
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly listener: OpenerListener,
  ) {}

  get state(): ConnectionState {
    return this.currentState;
  }

  /** Where new packets go, once it has room. */
  get link(): KeptLink | undefined {
    return this.currentLink;
  }

  /**
   * Opens, unless it is open, opening or waiting to reopen. `soon` cuts that wait short: who asks for something new
   * must not pay for a long outage before.
   */
  want(soon: boolean): void {
    if (this.currentLink) return;
    if (!this.cancelReopen) return this.open();
    if (!soon || this.clock.now() + MIN_REOPEN_MS >= this.reopenAt) return;
    this.cancelReopen();
    this.reopenIn(MIN_REOPEN_MS);
  }

  /** The device speaks: the next loss is a first one. */
  proven(): void {
    this.failuresInARow = 0;
  }

  /** Sends nothing there any more, yet listens a while for late replies: they may still settle a later attempt. */
  retire(link: KeptLink): void {
    if (this.currentLink !== link) return;
    this.currentLink = undefined;
    this.problem = 'no reply came over the last one';
    this.change('disconnected');
    if (link.load === 0 && !link.matchesReplies) link.destroy();
    else
      this.links.set(
        link,
        this.clock.after(this.settings.ioTimeoutMs, () => link.lapse()),
      );
  }

  /** What an earlier toggle of this device id left on its way must not arrive after the next one. */
  outrun(deviceId: string): void {
    for (const link of this.links.keys()) if (link !== this.currentLink && link.unheard.has(deviceId)) link.reset();
  }

  /** Closes until it is wanted again. */
  rest(): void {
    const link = this.currentLink;
    this.cancelReopen?.();
    this.cancelReopen = undefined;
    this.failuresInARow = 0;
    if (link && link.load > 0) return this.retire(link);
    this.currentLink = undefined;
    this.change('disconnected');
    link?.close();
  }

  close(): void {
    this.rest();
    for (const link of this.links.keys()) link.destroy();
  }

  private open(): void {
    this.cancelReopen = undefined;
    this.change(this.currentState === 'disconnected' ? 'connecting' : 'reconnecting');
    const link: KeptLink = new KeptLink(this.settings, this.clock, {
      answered: (from, answer) => this.listener.answered(from, answer),
      garbled: (from, error) => this.listener.garbled(from, error),
      ready: () => this.listener.ready(),
      lost: (from, why) => this.lost(from, why),
      gone: (from) => {
        this.links.get(from)?.();
        this.links.delete(from);
      },
    });
    this.currentLink = link;
    this.links.set(link, undefined);
    void link.dialled(this.settings.connectTimeoutMs).then((failed) => this.dialled(link, failed));
  }

  private dialled(link: KeptLink, failed: StepFailure | undefined): void {
    if (failed || this.currentLink !== link) link.destroy();
    if (this.currentLink !== link) return;
    if (!failed) {
      this.change('connected');
      return this.listener.opened();
    }
    this.currentLink = undefined;
    this.problem = failed.error;
    if (failed.nonRetryable) this.change('disconnected');
    else this.reopenLater();
    this.listener.unopened(failed);
  }

  private lost(link: KeptLink, why: string): void {
    if (this.currentLink === link) {
      this.currentLink = undefined;
      this.problem = why;
      this.reopenLater();
    }
    this.listener.lost(link, why);
  }

  private reopenLater(): void {
    this.failuresInARow += 1;
    this.reopenIn(Math.max(MIN_REOPEN_MS, delayAfterMs(this.settings, this.failuresInARow, this.random)));
    this.change('reconnecting');
  }

  private reopenIn(waitMs: number): void {
    this.reopenAt = this.clock.now() + waitMs;
    this.cancelReopen = this.clock.after(waitMs, () => this.open());
  }

  private change(state: ConnectionState): void {
    if (this.currentState === state) return;
    this.currentState = state;
    this.listener.state(state);
  }
}
