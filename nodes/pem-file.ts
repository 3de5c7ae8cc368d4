/** Reading of a certificate or key file that a user names. */
import { readRegularFile } from '../src/regular-file';

/** A chain of authorities takes a few hundred kB at most. */
const MAX_BYTES = 1_048_576;

/** Reads a regular file of at most 1 MiB. Rejects with the reason in words; never blocks on a pipe or a device. */
export async function readPemFile(path: string): Promise<Buffer> {
  try {
    return await readRegularFile(path, MAX_BYTES);
  } catch (error) {
    throw new Error(`tls: ${(error as Error).message}`, { cause: error });
  }
}
