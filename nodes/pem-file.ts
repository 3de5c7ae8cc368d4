/** Reading of a certificate or key file that a user names. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** A chain of authorities takes a few hundred kB at most. */
const MAX_BYTES = 1_048_576;

/** Reads a regular file of at most 1 MiB. Rejects with the reason in words; never blocks on a pipe or a device. */
export async function readPemFile(path: string): Promise<Buffer> {
  try {
    // Without O_NONBLOCK, opening a named pipe waits for a writer.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = await file.stat();
      if (!stats.isFile()) throw new Error(`${path} is not a regular file`);
      if (stats.size > MAX_BYTES) throw new Error(`${path} is larger than ${MAX_BYTES} bytes`);
      const buffer = Buffer.alloc(stats.size);
      const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new Error(`tls: ${(error as Error).message}`, { cause: error });
  }
}
