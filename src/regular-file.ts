/** Bounded reading of a file that a user names. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** Reads a regular file of at most `maxBytes`. Never blocks on a pipe or a device: it rejects with what the file is. */
export async function readRegularFile(path: string, maxBytes: number): Promise<Buffer> {
  // Without O_NONBLOCK, opening a named pipe waits for a writer.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new Error(`${path} is not a regular file`);
    if (stats.size > maxBytes) throw new Error(`${path} is larger than ${maxBytes} bytes`);
    const buffer = Buffer.alloc(stats.size);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
