/** Who owns devices that are recorded, and what it knows of them. */
import type { DeviceSummary } from './answers';
import type { DeviceAddress } from './toggle-timeline';

export type ReplyPolicy = 'any' | 'framed' | 'auto';

/** What is known of a device by its settings. */
export interface TracedSettings {
  readonly name?: string;
  readonly tags?: readonly string[];
  /** Absent while the settings are wrong; `problem` says what is. */
  readonly address?: DeviceAddress;
  readonly reply?: ReplyPolicy;
  readonly problem?: string;
}

/** A config node with one device, with a row for each of many, or with workers that switch them. */
export interface TraceOwner {
  readonly nodeId: string;
  readonly nodeType: DeviceSummary['nodeType'];
  /** The device ids of its settings. */
  readonly deviceIds: readonly string[];
  /** Whether it has no other devices; otherwise every device id that is switched is one of its own. */
  readonly isComplete: boolean;
  /** By the settings that hold now; undefined for a device id that a complete owner does not have. */
  settingsOf(deviceId: string): TracedSettings | undefined;
}
