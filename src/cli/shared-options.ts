/** Options that phase0-toggle and phase0-worker have in common. */
import { choice, flag, integer, text } from '../settings/field';
import { pemFile } from './arguments';
import { formatField, LEVELS } from './log';

/** TLS to the devices. */
export const tlsOptions = {
  tls: flag(false),
  ca: pemFile,
  cert: pemFile,
  key: pemFile,
  servername: text({ max: 253 }),
  insecure: flag(false),
} as const;

/** What --help says of the settings of a device, but for `tls`. */
export const DEVICE_TEXTS = {
  connection: 'One connection per attempt, or a persistent one.',
  reply: 'What confirms: any first byte, a frame that names the message, auto = either.',
  connectTimeoutMs: 'Longest wait for name look-up, TCP and TLS handshake.',
  ioTimeoutMs: 'Longest wait for the send, and for the whole reply.',
  maxAttempts: 'Attempts, the first one included.',
  backoffBaseMs: 'Wait after the first failed attempt; doubles with each.',
  backoffMaxMs: 'Longest wait between attempts, without jitter.',
  jitterMs: 'Random wait on top, from 0 to this.',
  breakerFailures: 'Failures in a row that open the circuit of a device id.',
  breakerResetMs: 'From then to the next probe.',
  ca: 'CA certificate to trust; default: those of Node.js.',
  cert: 'Client certificate; requires --key.',
  key: 'Private key of the client certificate.',
  servername: 'Expected name in the certificate; default: the host.',
  insecure: 'Accept any certificate.',
} as const;

/** What is written, and where metrics are served. */
export const outputOptions = {
  format: formatField,
  logLevel: choice(LEVELS, 'INFO'),
  metricsHost: text({ default: '127.0.0.1', min: 1, max: 253, trim: true }),
  metricsPort: integer({ default: 9400, min: 0, max: 65_535, unit: '0 = off' }),
} as const;
