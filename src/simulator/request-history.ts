/** History of the simulated device, bounded in number and in bytes: packets, states and applied toggles. */
import type { ToggleRequest } from '../protocol/toggle';
import { BoundedMap } from './bounded-map';

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

  /** Whether this toggle was received before. */
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

/** A caller's own msg_id may be unique only per device. */
function key({ deviceId, msgId }: ToggleRequest): string {
  return JSON.stringify([msgId, deviceId]);
}
