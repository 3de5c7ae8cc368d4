/** Options and help text of phase0-worker. */
import { flag, isEnvReference, text, type Field } from '../settings/field';
import { deviceFields } from '../settings/device';
import { workerFields } from '../settings/fleet';
import { inventoryFile, pemFile, type Command } from './arguments';
import { DEVICE_TEXTS, outputOptions, tlsOptions } from './shared-options';

const { port, connection, reply, connectTimeoutMs, ioTimeoutMs, maxAttempts, ...rest } = deviceFields;
const { backoffBaseMs, backoffMaxMs, jitterMs, breakerFailures, breakerResetMs } = rest;

/** A secret: what is wrong with it is said without it, by whoever reads it. */
const secretUrl: Field<string> = {
  ...text({ max: 0 }),
  accepts: 'amqp://user:password@host:port/vhost, or amqps://… for TLS',
  read: (raw) => (typeof raw === 'string' && !isEnvReference(raw) ? raw : undefined),
};

const fields = {
  amqpUrl: secretUrl,
  amqpCa: pemFile,
  amqpCert: pemFile,
  amqpKey: pemFile,
  amqpServername: text({ max: 253 }),
  setup: flag(false),
  definitions: flag(false),
  ...workerFields,
  inventory: inventoryFile,
  port,
  connection,
  reply,
  connectTimeoutMs,
  ioTimeoutMs,
  maxAttempts,
  backoffBaseMs,
  backoffMaxMs,
  jitterMs,
  breakerFailures,
  breakerResetMs,
  ...tlsOptions,
  ...outputOptions,
} as const;

export const workerCommand: Command<typeof fields> = {
  name: 'phase0-worker',
  usage: 'phase0-worker --amqp-url URL --inventory FILE [options]',
  purpose: `Switches the devices of an inventory on commands that RabbitMQ delivers, and sends their verdicts back. Any number
of workers share the work; what one of them had when it ended, another one does. A value \${NAME} is taken from that
environment variable, so that the URL with its password need not be among the arguments.`,
  fields,
  environment: process.env,
  headings: {
    amqpUrl: 'Broker',
    index: 'Worker',
    inventory: 'Devices, and what holds for rows that do not say otherwise',
    breakerFailures: 'Circuit breaker of a device',
    tls: 'TLS to the devices',
    format: 'Output',
  },
  flags: { port: 'device-port' },
  texts: {
    ...DEVICE_TEXTS,
    amqpUrl: 'URL of the broker.',
    amqpCa: 'CA certificate of the broker to trust, with amqps; default: those of Node.js.',
    amqpCert: 'Client certificate for the broker; requires --amqp-key.',
    amqpKey: 'Private key of that certificate.',
    amqpServername: 'Expected name in the certificate of the broker; default: the host of the URL.',
    setup: 'Create the exchanges and queues of a fleet, and end.',
    definitions: 'Write them as a definitions file for RabbitMQ to standard output, and end.',
    index: 'Which of the workers this is; each has its own.',
    workers: 'How many workers share the partitions.',
    partitions: 'Partitions; the same for --setup and for every worker.',
    prefetch: 'Most commands that are under way or wait here.',
    drainMs: 'Longest wait at the end for toggles that run; another worker does the rest.',
    inventory: 'File with a row for each device; it is read again when it changes.',
    port: 'TCP port of rows that name none.',
    tls: 'Speak TLS to rows that do not say otherwise.',
    format: 'Lines for people, or JSON; auto: for people on a terminal, JSON in a pipe.',
    logLevel: 'Lowest level to write: INFO includes packets and verdicts, WARNING failures only.',
    metricsHost: 'Address of the Prometheus metrics and probes; 0.0.0.0 = all addresses.',
    metricsPort: 'Port of /metrics, and of the probes /healthz and /readyz.',
  },
  notes: `
Partition i is the home of worker i modulo --workers. A worker consumes its homes at once, and others whose worker is
away; it hands them over when that worker is back.

Examples:
  phase0-worker --amqp-url amqp://localhost --setup
  phase0-worker --partitions 24 --definitions
  phase0-worker --amqp-url '\${AMQP_URL}' --inventory hall.csv
  phase0-worker --amqp-url amqps://rabbit.local --amqp-ca ca.pem --inventory hall.csv --index 1 --workers 3

Exit code:
  0    ended by Ctrl-C or SIGTERM, after what ran; a second signal exits immediately. Or set up
  1    the broker could not be set up
  2    invalid argument, or an inventory with faults
`,
};
