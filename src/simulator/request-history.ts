/** Bounded history of the simulated device: packets, states and applied toggles. */
import type { ToggleRequest } from '../protocol/toggle';

/** A packet as the device got it. */
export interface ReceivedPacket {
  readonly magic: number;
  readonly version: number;
  /** Payload bytes, as the header says. */
  readonly length: number;
  /** The request as on the wire. */
  readonly payload: Readonly<Record<string, unknown>>;
  readonly raw: Buffer;
  /** Which connection it came on, from 1. */
  readonly connection: number;
  /** Its msg_id came before. */
  readonly repeated: boolean;
  /** When, on the scale of performance.now(). */
  readonly at: number;
}

const MAX_PACKETS = 10_000;
/** A toggle repeated after so many others is taken for a new one. */
const MAX_MSG_IDS = 100_000;

export class RequestHistory {
  readonly packets: ReceivedPacket[] = [];
  readonly states = new Map<string, boolean>();
  appliedCount = 0;
  private readonly seen = new Set<string>();
  private readonly applied = new Set<string>();

  /** Whether this toggle came before. */
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

/** A caller's own msg_id is unique for its device at most. */
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
