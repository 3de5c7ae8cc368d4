/** Memory that is written by position. */

export interface Region {
  readonly bytes: Buffer;
  /** The same bytes: numbers are written through it in fewer steps than by the methods of a Buffer. */
  readonly view: DataView;
}

/** Not from the pool of small buffers, and not filled with zeros: what was not written is never read. */
export function newRegion(size: number): Region {
  const bytes = Buffer.allocUnsafeSlow(size);
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, size) };
}
