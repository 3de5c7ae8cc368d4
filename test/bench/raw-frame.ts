/** Frames written and read without the code of `src/`, for what that code is compared with and checked by. */

const HEADER_BYTES = 7;

export interface ToggleFields {
  readonly device_id: string;
  readonly msg_id: string;
  readonly state: boolean;
}

/** The fields in the order that the protocol fixes. */
export function togglePayload({ device_id, msg_id, state }: ToggleFields): string {
  return JSON.stringify({ opcode: 'toggle', device_id, msg_id, state });
}

export function frameOf(payload: string): Buffer {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + Buffer.byteLength(payload));
  frame.writeUIntBE(0xf00d01, 0, 3);
  frame.writeUInt32BE(frame.length - HEADER_BYTES, 3);
  frame.write(payload, HEADER_BYTES);
  return frame;
}

/** Collects what comes over one connection, and hands on the payload of each whole frame. */
export class FrameStream {
  private rest: Buffer = Buffer.alloc(0);

  constructor(private readonly onPayload: (payload: string, magicAndVersion: number) => void) {}

  push(chunk: Buffer): void {
    let rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    while (rest.length >= HEADER_BYTES) {
      const end = HEADER_BYTES + rest.readUInt32BE(3);
      if (end > rest.length) break;
      this.onPayload(rest.toString('utf8', HEADER_BYTES, end), rest.readUIntBE(0, 3));
      rest = rest.subarray(end);
    }
    this.rest = rest;
  }
}
