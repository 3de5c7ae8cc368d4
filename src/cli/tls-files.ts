/** Files named by --ca, --cert and --key. */
import { readFileSync } from 'node:fs';
import { printable } from '../printable';
import type { TlsOptions } from '../transport/tls';
import { UsageError } from './cli-context';

export interface TlsPaths {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** What the TLS options of phase0-toggle ask for. Throws UsageError. */
export function tlsFilesOf({
  insecure,
  servername,
  ...paths
}: TlsPaths & { readonly insecure: boolean; readonly servername: string }): TlsOptions {
  return { ...readTlsFiles(paths), servername, rejectUnauthorized: !insecure };
}

/** Reads the named files. Throws UsageError. */
export function readTlsFiles({ ca, cert, key }: TlsPaths): Pick<TlsOptions, 'ca' | 'cert' | 'key'> {
  if (!cert !== !key) throw new UsageError(cert ? '--cert needs its --key' : '--key needs its --cert');
  return { ...(ca && { ca: read('--ca', ca) }), ...(cert && { cert: read('--cert', cert), key: read('--key', key) }) };
}

function read(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${option} must be a file that can be read: ${printable((error as Error).message)}`);
  }
}
