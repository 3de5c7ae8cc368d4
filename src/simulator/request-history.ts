/** Bounded history of the simulated device: packets, states and applied toggles. */
import type { ToggleRequest } from '../protocol/toggle';

/** A packet that the device received. */
export interface ReceivedPacket {
  readonly magic: number;
  readonly version: number;
  /** Payload length from the header. */
  readonly length: number;
  /** The bytes of the request. */
  readonly payload: Readonly<Record<string, unknown>>;
  readonly raw: Buffer;
  /** Number of the connection, from 1. */
  readonly connection: number;
  /** Whether its msg_id was received before. */
  readonly repeated: boolean;
  /** Time of arrival, from performance.now(). */
  readonly at: number;
}

const MAX_PACKETS = 10_000;
/** Remembered toggles; one that is repeated after more others counts as new. */
const MAX_MSG_IDS = 100_000;

export class RequestHistory {
  readonly packets: ReceivedPacket[] = [];
  readonly states = new Map<string, boolean>();
  appliedCount = 0;
  private readonly seen = new Set<string>();
  private readonly applied = new Set<string>();

  /** Whether this toggle was received before. */
  knows(request: ToggleRequest): boolean {
    return this.seen.has(key(request));
  }

  record(packet: ReceivedPacket, request: ToggleRequest, applies: boolean): void {
    this.packets.push(packet);
    if (this.packets.length > MAX_PACKETS) this.packets.shift();
    remember(this.seen, key(request));
    if (!applies || this.applied.has(key(request))) return;
    remember(this.applied, key(request));
    this.states.set(request.deviceId, request.state);
    this.appliedCount += 1;
  }
}

/** A caller's own msg_id may be unique only per device. */
function key({ deviceId, msgId }: ToggleRequest): string {
  return JSON.stringify([msgId, deviceId]);
}

function remember(ids: Set<string>, id: string): void {
  ids.add(id);
  if (ids.size <= MAX_MSG_IDS) return;
  for (const oldest of ids) {
    ids.delete(oldest);
    break;
  }
}
