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

/** Reads the named files; the names of their options begin with `prefix`. Throws UsageError. */
export function readTlsFiles({ ca, cert, key }: TlsPaths, prefix = ''): Pick<TlsOptions, 'ca' | 'cert' | 'key'> {
  const option = (name: string) => `--${prefix}${name}`;
  if (!cert !== !key) {
    throw new UsageError(
      cert ? `${option('cert')} needs its ${option('key')}` : `${option('key')} needs its ${option('cert')}`,
    );
  }
  return {
    ...(ca && { ca: read(option('ca'), ca) }),
    ...(cert && { cert: read(option('cert'), cert), key: read(option('key'), key) }),
  };
}

function read(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${option} must be a file that can be read: ${printable((error as Error).message)}`);
  }
}
