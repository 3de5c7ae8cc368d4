/** Layout of a frame in numbers. Browser-safe; imports nothing. */

export const MAGIC = 0xf00d;
export const VERSION = 1;
export const HEADER_BYTES = 7;
/** Largest payload that either side may send (protocol, section 1). */
export const MAX_PAYLOAD_BYTES = 65_536;
