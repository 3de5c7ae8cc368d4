/**
 * Settings of the device whose page is open, as the runtime has them: the editor knows neither the file of an inventory
 * nor environment variables. Read when the page opens, and when the device changed. Pure.
 */
import type { DeviceAnswer, DeviceSummary, ShownSettings } from '../../../src/trace/answers';
import type { Get, Later } from './long-poll';

/** After an answer: a device that is switched all the time changes as often. */
const GAP_MS = 2000;

export class SettingsReader {
  /** Undefined until there is an answer, and where the runtime has none. */
  known: ShownSettings | undefined;
  private key: string | undefined;
  /** It may have others than were read. */
  private isStale = false;
  /** There was no answer. */
  private hasFailed = false;
  private cancel: (() => void) | undefined;

  constructor(
    private readonly get: Get,
    private readonly later: Later,
    private readonly changed: () => void,
  ) {}

  /** Of the device with this key from now on, or of none. */
  show(key: string | undefined): void {
    if (key === this.key) return;
    this.cancel?.();
    this.cancel = undefined;
    this.key = key;
    this.known = undefined;
    if (key !== undefined) this.ask(key);
  }

  /** These devices have changed. Also what failed is asked for again, now that the server answers. */
  changedAre(devices: readonly DeviceSummary[]): void {
    const { key } = this;
    if (key === undefined) return;
    this.isStale ||= this.hasFailed || devices.some((device) => device.key === key);
    if (this.isStale && !this.cancel) this.ask(key);
  }

  private ask(key: string): void {
    this.isStale = false;
    this.hasFailed = false;
    this.cancel = this.get(
      `phase0/device?key=${encodeURIComponent(key)}`,
      (answer) => {
        this.known = ((answer ?? {}) as Partial<DeviceAnswer>).settings;
        this.rest(key);
        this.changed();
      },
      () => {
        this.hasFailed = true;
        this.rest(key);
      },
    );
  }

  private rest(key: string): void {
    this.cancel = this.later(GAP_MS, () => {
      this.cancel = undefined;
      if (this.isStale) this.ask(key);
    });
  }
}
