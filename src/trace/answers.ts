/** Answers of the admin routes of the trace, as JSON. Types only; browser-safe. */
import type { Cause, CircuitState, VerdictOutcome, VerdictReason } from '../outcomes';
import type { ConnectionState } from '../observer';
import type { DeviceAddress, ToggleTimeline } from './toggle-timeline';

/**
 * Where a reader is in what was recorded. Opaque: it is handed back as `since`. One of another process, such as that of
 * before a restart of Node-RED, is answered from the beginning.
 */
export type Cursor = string;

/** `GET phase0/devices?since=<cursor>&wait=<ms>`: what changed since the cursor, or every device without one. */
export interface DevicesAnswer {
  /** To be handed back as `since`. */
  readonly cursor: Cursor;
  /** The clock of the server, in ms since 1970; ages are differences from it. */
  readonly now: number;
  /** What the reader has is out of date: `devices` replaces all of it, `removed` is empty. */
  readonly reset: boolean;
  /** There is more than one answer may hold: ask again at once. After a `reset`, the next answers add to the first one. */
  readonly more: boolean;
  readonly devices: readonly DeviceSummary[];
  /** The keys of devices that are gone. */
  readonly removed: readonly string[];
  /** Bytes that the recorder may use; 0 = it is off, and nothing but this is known. */
  readonly traceBytes: number;
  /** Devices that have no place in that memory, so that they are missing here. */
  readonly hidden: number;
}

/** One device of a phase0-device node, one row of a phase0-inventory node, or one device id that a phase0-fleet node was asked for. */
export interface DeviceSummary {
  /** Unique among all devices, and the same as long as it is not removed. */
  readonly key: string;
  /** The config node that the device belongs to. */
  readonly nodeId: string;
  readonly nodeType: 'phase0-device' | 'phase0-inventory' | 'phase0-fleet';
  /** On the wire. From outside: escape it before it is shown. */
  readonly deviceId: string;
  /** The name of the device node; absent for rows. */
  readonly name?: string;
  /** Of an inventory's row. */
  readonly tags?: readonly string[];
  /** Absent while the settings are wrong, and with a fleet, where only workers know it. */
  readonly address?: DeviceAddress;
  /** Why its settings are wrong, if they are. */
  readonly problem?: string;
  /** The last confirmed state, true = on; absent while unknown. */
  readonly state?: boolean;
  /** Since when it is known to be in that state, in ms since 1970; absent if it was restored after a restart. */
  readonly stateSince?: number;
  /** The last verdict; absent before the first one. */
  readonly last?: LastVerdict;
  /** Of the connection; absent before the first one. */
  readonly connection?: ConnectionState;
  /** A persistent connection was lost or could not be opened, and is not open again. */
  readonly isLost?: true;
  /** Absent without a circuit breaker. */
  readonly circuit?: CircuitState;
  /** Whether a toggle is being attempted. */
  readonly running: boolean;
  /** How many toggles wait. */
  readonly queue: number;
  /** Verdicts by outcome, since the device was added or Node-RED started. */
  readonly counts: Readonly<Record<VerdictOutcome, number>>;
  /** The last toggles, at most 60; to be read by `readSpark` of `spark.ts`. Absent before the first one. */
  readonly spark?: string;
}

/** `GET phase0/device?key=<key>`: what is known of one device besides its summary; 404 if there is none. */
export interface DeviceAnswer {
  /** As they hold now; absent while they are wrong, and with a fleet, where only workers know them. */
  readonly settings?: ShownSettings;
}

/** The settings that decide how a device is switched. */
export interface ShownSettings {
  readonly connection: 'per-toggle' | 'persistent';
  readonly reply: 'any' | 'framed' | 'auto';
  readonly connectTimeoutMs: number;
  readonly ioTimeoutMs: number;
  readonly maxAttempts: number;
  readonly queueMode: 'fifo' | 'latest';
  /** 0 = no circuit breaker. */
  readonly breakerFailures: number;
}

export interface LastVerdict {
  /** The toggle, if it is still recorded. */
  readonly seq: number;
  readonly outcome: VerdictOutcome;
  readonly reason?: VerdictReason;
  readonly cause?: Cause;
  /** Technical, in English; from outside. */
  readonly error?: string;
  /** When, in ms since 1970. */
  readonly at: number;
  readonly attempts: number;
  /** From the end of the send to the reply; only if one confirmed it. */
  readonly latencyUs?: number;
}

/** One toggle of a sparkline. */
export interface SparkPoint {
  readonly outcome: VerdictOutcome;
  /** From the end of the send to the reply that confirmed it; where none did, from the request to the verdict. */
  readonly us: number;
}

/**
 * `GET phase0/toggles?since=<cursor>&text=<text>&tag=<tag>&device=<key>&outcome=<outcome>&limit=<n>&wait=<ms>`: toggles
 * that ended since the cursor, the oldest first; without a cursor the latest ones. `text` is a part of the name, id, host or
 * a tag of the device, in any case; of a device id that no device has, a part of it. `device` and `outcome` may come several
 * times each. Toggles fit every parameter that is there.
 */
export interface TogglesAnswer {
  /** To be handed back as `since`. */
  readonly cursor: Cursor;
  readonly now: number;
  /** The cursor was of another process: the answer begins anew. */
  readonly reset: boolean;
  /** There is more than one answer may hold: ask again at once. */
  readonly more: boolean;
  readonly toggles: readonly ToggleTimeline[];
  /** How many toggles of all devices since the cursor were not read in time: newer ones have taken their place. */
  readonly dropped: number;
}

/** `GET phase0/export?format=…`, with the filters of `phase0/toggles` and the same permission. */
export type ExportFormat =
  /** One {@link ToggleTimeline} per line, as `application/x-ndjson`. */
  | 'jsonl'
  /** For Wireshark, as `application/x-pcapng`: every attempt is a TCP stream. */
  | 'pcapng';

/**
 * Body of `POST phase0/action`, which needs the permission `phase0.write`. The answer has one line of JSON for each
 * event, in the form of `DeviceTestEvent`: attempts as they begin and end, and last the verdict. Before that it can refuse
 * with `{ error }`: 404 when there is no such device, 409 when it cannot be done now, 429 when too many are running.
 */
export interface ActionRequest {
  /** Of the device's summary. */
  readonly key: string;
  /**
   * `on`, `off`: a toggle like that of a flow, in order with those, counted like them. `test`: one toggle over a connection
   * of its own, past an open circuit and not counted by the metrics, which repeats the last confirmed state, so that it
   * switches nothing; refused with 409 while toggles run or wait.
   */
  readonly action: 'on' | 'off' | 'test';
  /** The state that a test of a device asks for whose state is not known; without it, such a test is refused with 409. */
  readonly state?: boolean;
}
