/** A simulated world: everything that decides what happens in a run, besides the core. */
import type { DeviceSettings } from '../../src/settings/device';
import type { ProxyFaults } from '../support/fault-schedule';
import type { Action } from './story';

/** How a device behaves; a chance is between 0 and 1. */
export interface DeviceKind {
  readonly dialect: 'raw' | 'framed' | 'framed-without-state';
  readonly memory: 'remembers' | 'forgets-on-reboot' | 'forgets';
  /** Refuses a second connection while it serves one. */
  readonly takesOne: boolean;
  readonly closesAfterReply: boolean;
  /** Does not close its side when the client has closed. */
  readonly keepsOpen: boolean;
  readonly idleCloseMs: number;
  readonly greeting: 'none' | 'early' | 'late';
  readonly replyMs: number;
  readonly chances: DeviceChances;
}

/** How often a device does what it should not, for each command. */
interface DeviceChances {
  readonly nack: number;
  /** Does nothing and says nothing. */
  readonly ignore: number;
  /** Does it and says nothing. */
  readonly silent: number;
  readonly closeBefore: number;
  readonly closeAfter: number;
  readonly garbage: number;
  readonly otherId: number;
  readonly secondAnswer: number;
  readonly lie: number;
  readonly drip: number;
  readonly truncate: number;
  readonly slow: number;
  /** Stops reading for a while. */
  readonly pause: number;
}

/** How often a connection does not come about, and how. */
export interface ConnectChances {
  readonly refuse: number;
  readonly silent: number;
  readonly slow: number;
  readonly reset: number;
  readonly handshake: number;
  readonly lookupFails: number;
  readonly lookupSilent: number;
  readonly untrusted: number;
}

export interface EndpointPlan {
  readonly host: string;
  readonly port: number;
  readonly device: DeviceKind;
  readonly connect: ConnectChances;
  /** Whether TLS is spoken: bytes come in whole records, and one that is damaged ends the connection. */
  readonly isSecure: boolean;
  /** Bytes between the process and the device that nobody has read; few make writes stick. */
  readonly capacity: number;
}

/** A row of an inventory. */
export interface RowPlan {
  readonly deviceId: string;
  readonly endpoint: number;
  readonly settings: Partial<DeviceSettings>;
  readonly tags: readonly string[];
}

export interface ControllerPlan {
  readonly endpoint: number;
  readonly deviceIds: readonly string[];
  readonly settings: Partial<DeviceSettings>;
  /** The settings after the next deploy. */
  readonly changed: Partial<DeviceSettings>;
  /** Of an inventory: the tables that reloads bring, the first one at the beginning. Absent for a device. */
  readonly tables?: readonly (readonly RowPlan[])[];
  /** How long the store of its states takes to load; absent without a store. */
  readonly storeMs: number | undefined;
}

/** Everything that decides what happens in a run, besides the core. */
export interface World {
  readonly seed: number;
  readonly endpoints: readonly EndpointPlan[];
  readonly controllers: readonly ControllerPlan[];
  /** What the network does to bytes. */
  readonly faults: ProxyFaults;
  readonly latencyMs: number;
  /** Whole milliseconds only, so that many things happen at the same time. */
  readonly isCoarse: boolean;
  readonly timersAreEarly: boolean;
  readonly actions: readonly Action[];
}
