/** Blocks of a pcapng file (draft-ietf-opsawg-pcapng), as far as the export needs them. */

const SECTION_HEADER = 0x0a0d0d0a;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const INTERFACE_DESCRIPTION = 1;
const NAME_RESOLUTION = 4;
const ENHANCED_PACKET = 6;
/** Packets begin with their IP header. */
const LINKTYPE_RAW = 101;

const COMMENT = 1;
const INTERFACE_NAME = 2;
const PACKET_FLAGS = 2;
const APPLICATION = 4;

/** One packet of the network, or its first bytes. */
export interface CapturedPacket {
  /** µs since 1970. */
  readonly atUs: number;
  readonly bytes: Buffer;
  /** How many bytes it had. */
  readonly length: number;
  readonly isInbound: boolean;
  readonly comment?: string;
}

/** What a file begins with: its section, and its one interface. */
export function fileHeader(application: string, interfaceName: string): Buffer {
  const version = Buffer.alloc(16);
  version.writeUInt32LE(BYTE_ORDER_MAGIC, 0);
  version.writeUInt16LE(1, 4);
  // Its length is not known, which is written as -1.
  version.fill(0xff, 8);
  const link = Buffer.alloc(8);
  link.writeUInt16LE(LINKTYPE_RAW, 0);
  return Buffer.concat([
    block(SECTION_HEADER, [version, options([[APPLICATION, Buffer.from(application)]])]),
    block(INTERFACE_DESCRIPTION, [link, options([[INTERFACE_NAME, Buffer.from(interfaceName)]])]),
  ]);
}

export function packetBlock({ atUs, bytes, length, isInbound, comment }: CapturedPacket): Buffer {
  const head = Buffer.alloc(20);
  head.writeUInt32LE(Math.floor(atUs / 2 ** 32), 4);
  head.writeUInt32LE(atUs % 2 ** 32, 8);
  head.writeUInt32LE(bytes.length, 12);
  head.writeUInt32LE(Math.min(length, 0xffffffff), 16);
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE(isInbound ? 1 : 2);
  const comments = comment === undefined ? [] : [[COMMENT, Buffer.from(comment)] as const];
  return block(ENHANCED_PACKET, [head, padded(bytes), options([...comments, [PACKET_FLAGS, flags]])]);
}

/** The name that an IP address stands for. */
export function nameBlock(address: Buffer, name: string): Buffer {
  const record = Buffer.concat([address, Buffer.from(`${name}\0`)]);
  const type = address.length === 4 ? 1 : 2;
  return block(NAME_RESOLUTION, [option(type, record), END]);
}

const END = Buffer.alloc(4);

function options(all: readonly (readonly [code: number, value: Buffer])[]): Buffer {
  return Buffer.concat([...all.map(([code, value]) => option(code, value)), END]);
}

function option(code: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(code, 0);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, padded(value)]);
}

function padded(bytes: Buffer): Buffer {
  const missing = -bytes.length & 3;
  return missing === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(missing)]);
}

/** Its length stands at both ends, so that a file can be read backwards. */
function block(type: number, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const whole = Buffer.alloc(body.length + 12);
  whole.writeUInt32LE(type, 0);
  whole.writeUInt32LE(whole.length, 4);
  body.copy(whole, 8);
  whole.writeUInt32LE(whole.length, whole.length - 4);
  return whole;
}
