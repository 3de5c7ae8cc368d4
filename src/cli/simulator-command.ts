/** Options and help text of phase0-simulator. */
import { choice, flag } from '../settings/field';
import { simulatorFields } from '../settings/simulator';
import { inventoryFile, pemFile, type Command } from './arguments';
import { formatField, LEVELS } from './log';

const fields = {
  ...simulatorFields,
  inventory: inventoryFile,
  cert: pemFile,
  key: pemFile,
  ca: pemFile,
  stdin: flag(false),
  trace: flag(false),
  format: formatField,
  logLevel: choice(LEVELS, 'INFO'),
} as const;

export const simulatorCommand: Command<typeof fields> = {
  name: 'phase0-simulator',
  usage: 'phase0-simulator [options]',
  purpose: `Simulates a TCP device with faults on demand, to try phase0-toggle and flows without hardware.
Writes events to standard output, in a pipe as JSON lines, and messages to standard error.`,
  fields,
  headings: {
    host: 'Device',
    mode: 'Behaviour',
    inventory: 'Many devices',
    cert: 'TLS',
    stdin: 'Input and output',
  },
  texts: {
    host: 'The address to listen on; 0.0.0.0 = all addresses of this machine.',
    port: 'The TCP port to listen on; 0 = a free one, which the first line names.',
    mode: 'How it behaves; see below.',
    reply: 'What it replies: ACK, or a frame.',
    delayMs: 'The wait of the modes delay and drip.',
    failureRate: 'Share of packets that fail in mode flaky.',
    seed: 'Seed of the random generator; the same seed fails the same packets.',
    inventory: 'Plays every device of this file, each at its own host and port.',
    cert: 'Server certificate; enables TLS; requires --key.',
    key: 'Private key of the certificate.',
    ca: 'CA certificate; accept only clients with a certificate issued by it.',
    stdin: 'Read modes from standard input, one per line.',
    trace: 'Write the bytes of requests and replies as well; with --format json as hex.',
    format: 'Lines for people, or JSON; auto: for people on a terminal, JSON in a pipe.',
    logLevel: 'Lowest level to write: INFO includes packets, WARNING malformed requests.',
  },
  notes: `
Modes:
  success     replies at once
  delay       replies after --delay-ms
  disconnect  accepts, then closes at once
  timeout     reads, never replies
  reject      refuses connections: the port is closed meanwhile
  nack        refuses with a frame
  garbage     answers bytes that are no valid reply
  drip        sends the reply one byte at a time, --delay-ms apart
  truncate    sends half a reply, then closes
  flaky       closes without a reply for a share --failure-rate of packets
With --inventory, rows with reply framed answer with frames, and rows with tls on need --cert and --key. Modes hold for
all devices.
With --stdin, a line that names a mode changes to it; reject-next resets the next connection.

Lines (event): listening, tcp_packet, malformed, mode, error, left_out, and at the end closed, with all counts.

Examples:
  phase0-simulator
  phase0-simulator --port 0 --mode flaky --failure-rate 0.2 --reply framed
  phase0-simulator --inventory hall.csv --mode flaky
  phase0-simulator --host 0.0.0.0 --cert lamp.pem --key lamp-key.pem

Exit code:
  0    stopped by Ctrl-C or SIGTERM
  1    it could not listen
  2    invalid argument
`,
};
