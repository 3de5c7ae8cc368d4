/** What happened in a run, as the laws need it. */
import type { AttemptReport, AttemptStart, DecodeErrorEvent, PacketEvent } from '../../src/observer';
import type { StopReason } from '../../src/outcomes';
import type { DeviceSettings } from '../../src/settings/device';
import type { Verdict } from '../../src/verdict';
import type { Expected, Undecided } from './reply-reference';
import type { Arrival, Said } from './sim-device';
import type { SimSocket } from './sim-socket';
import type { CountedClock } from './virtual-time';

/** When something happened, and how long the process had been held up by then. */
export interface Moment {
  readonly atMs: number;
  readonly heldMs: number;
}

/** One life of a controller, from one deploy to the next. */
export interface Life {
  readonly clock: CountedClock;
  /** The last confirmed state of each device id. */
  readonly known: Map<string, boolean>;
  /** What the devices before it with the same store had confirmed when they were replaced. */
  readonly inherited: Map<string, boolean>;
  /** Device ids that such a device confirmed only afterwards: nobody can know these in time. */
  readonly tooLate: Set<string>;
  readonly hasStore: boolean;
  /** An inventory: settings belong to a row, and change while it lives. */
  readonly hasRows: boolean;
  /** When the last reply to a toggle came; -1 before. */
  answeredAtMs: number;
  /** When the last reply came that is not valid. */
  badReplyAtMs: number;
  /** The connection of one attempt that was opened last, until the attempt is known. */
  lastOpened: SimSocket | undefined;
  /** Toggles without a verdict. */
  unresolved: number;
  isClosed: boolean;
}

/** The settings of a device, or of a row of an inventory until a reload changes it. */
export interface Era {
  readonly controller: number;
  readonly settings: DeviceSettings;
  readonly life: Life;
}

export interface AttemptFact {
  readonly start: AttemptStart;
  readonly started: Moment;
  /** Of the attempt alone, with `connection: per-toggle`. */
  socket: SimSocket | undefined;
  /** What it must come to by what the process saw of `socket`, once it has ended. */
  expected: Expected | Undecided | undefined;
  end: AttemptReport | undefined;
  ended: Moment | undefined;
  readonly packets: PacketEvent[];
  readonly decodeErrors: DecodeErrorEvent[];
}

export interface ToggleFact {
  /** Its place among all toggles, by the time of asking. */
  readonly index: number;
  /** A toggle that waits takes the settings that its row has by then. */
  era: Era;
  readonly deviceId: string;
  readonly msgId: string;
  readonly requested: boolean | 'flip' | 'invalid';
  readonly requester: string;
  /** Why it reaches no lane, if it does not. */
  readonly refused: 'invalid_state' | 'closed' | 'cancelled' | 'unknown_device' | undefined;
  readonly asked: Moment;
  readonly attempts: AttemptFact[];
  /** Connections that the core has written its packet to. */
  readonly carriers: SimSocket[];
  /** What arrived at the device, with its place among all arrivals and verdicts. */
  readonly arrivals: { readonly arrival: Arrival; readonly sequence: number }[];
  /** What the device said to it, in any order. */
  readonly said: Said[];
  /** How whoever asked for it, or its controller, stopped it: one may stop it while another does. */
  readonly stopped: StopReason[];
  verdict: Verdict | undefined;
  verdictSequence: number;
}

/** What a law says was broken. */
export interface Violation {
  readonly law: string;
  readonly what: string;
}

/** Collects violations; the first one ends the run. */
export type Broken = (law: string, what: string) => void;

/** What is wrong, or what tells it: most laws hold, and their texts take longer to make than they to judge. */
export type What = string | (() => string);

export function textOf(what: What): string {
  return typeof what === 'string' ? what : what();
}

/** Whether a toggle was stopped, and so. */
export function wasStopped({ stopped }: ToggleFact, reason: string | undefined): boolean {
  return stopped.some((each) => each === reason);
}

export function name({ deviceId, msgId, index }: ToggleFact): string {
  return `toggle ${index} (${deviceId} ${msgId})`;
}

/** Fractions of a millisecond that times may differ by, because they are sums of fractions. */
export const TINY_MS = 1e-6;
/** Timers count whole milliseconds, and may fire a part of one early. */
export const TIMER_MS = 1;
