/** Packets that go out together, in one system call. */
import type { Socket } from 'node:net';

/**
 * About as much as one packet of the network holds. A batch that is full goes out without the rest, so that the device
 * begins with it while the next one is made: with all in one batch, this side and the device would wait for each other.
 */
const FULL_BYTES = 1400;

export class WriteBatch {
  private isOpen = false;

  /**
   * What is written from now on in this turn of the event loop goes out together. Node-RED hands over each message in a
   * callback of its own, so the end of that callback would be too early. Over TLS each packet waits for that end instead:
   * as long as one waits, what the peer did is reported late.
   */
  open(stream: Socket, isSecure: boolean): void {
    if (this.isOpen) {
      if (!isSecure && stream.writableLength >= FULL_BYTES) {
        stream.uncork();
        stream.cork();
      }
      return;
    }
    this.isOpen = true;
    stream.cork();
    const write = () => {
      this.isOpen = false;
      stream.uncork();
    };
    if (isSecure) process.nextTick(write);
    else setImmediate(write);
  }
}
