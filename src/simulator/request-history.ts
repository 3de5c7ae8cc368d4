/** History of the simulated device, bounded in number and in bytes: packets, states and applied toggles. */
import type { ToggleRequest } from '../protocol/toggle';
import { BoundedMap } from './bounded-map';

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

const MEBIBYTE = 1024 * 1024;

const MAX_PACKETS = 10_000;
const MAX_PACKET_BYTES = 16 * MEBIBYTE;
/** A toggle repeated after so many others is taken for a new one. */
const MAX_MSG_IDS = 100_000;
const MAX_MSG_ID_BYTES = 16 * MEBIBYTE;
const MAX_STATES = 100_000;
const MAX_STATE_BYTES = 8 * MEBIBYTE;

export class RequestHistory {
  readonly packets: ReceivedPacket[] = [];
  readonly states = new BoundedMap<boolean>(MAX_STATES, MAX_STATE_BYTES);
  appliedCount = 0;
  /** Memory of each of `packets`, and their sum. */
  private readonly packetBytes: number[] = [];
  private bytes = 0;
  /** Toggles that came, and whether each was applied. */
  private readonly toggles = new BoundedMap<boolean>(MAX_MSG_IDS, MAX_MSG_ID_BYTES);

  /** Whether this toggle came before. */
  knows(request: ToggleRequest): boolean {
    return this.toggles.has(key(request));
  }

  /** `bytes`: an estimate of the memory that the packet takes. */
  record(packet: ReceivedPacket, bytes: number, request: ToggleRequest, applies: boolean): void {
    this.remember(packet, bytes);
    const toggle = key(request);
    const wasApplied = this.toggles.get(toggle) === true;
    this.toggles.set(toggle, wasApplied || applies);
    if (!applies || wasApplied) return;
    this.states.set(request.deviceId, request.state);
    this.appliedCount += 1;
  }

  /** The newest packet stays, however large it is. */
  private remember(packet: ReceivedPacket, bytes: number): void {
    this.packets.push(packet);
    this.packetBytes.push(bytes);
    this.bytes += bytes;
    while (this.packets.length > MAX_PACKETS || (this.bytes > MAX_PACKET_BYTES && this.packets.length > 1)) {
      this.packets.shift();
      this.bytes -= this.packetBytes.shift() ?? 0;
    }
  }
}

/** A caller's own msg_id is unique for its device at most. */
function key({ deviceId, msgId }: ToggleRequest): string {
  return JSON.stringify([msgId, deviceId]);
}
