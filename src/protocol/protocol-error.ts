/** The error class for bytes and values that the protocol does not allow. */
import type { DecodeReason } from '../outcomes';

/**
 * Bytes or values that the protocol does not allow.
 * `reason` is the code for logs and metric labels, `message` the words for people.
 */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';

  constructor(
    readonly reason: DecodeReason,
    message: string,
  ) {
    super(message);
  }
}
