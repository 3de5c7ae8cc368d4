/** Options and help text of phase0-toggle. */
import { choice, flag, integer, text, type Field } from '../settings/field';
import { deviceFields } from '../settings/device';
import { inventoryFile, type Command } from './arguments';
import { DEVICE_TEXTS, outputOptions, tlsOptions } from './shared-options';

const { deviceId, host, port, packetLog: _alwaysOn, ...attempts } = deviceFields;

type State = 'on' | 'off' | 'flip';
const STATES: ReadonlyMap<unknown, State> = new Map<unknown, State>([
  ...(['on', 'true', '1'] as const).map((word) => [word, 'on'] as const),
  ...(['off', 'false', '0'] as const).map((word) => [word, 'off'] as const),
  ['flip', 'flip'],
]);
/** The words for a state that a message can have, too. */
const state: Field<State> = {
  ...choice(['on', 'off', 'flip'], 'on'),
  accepts: `one of ${[...STATES.keys()].join(', ')}`,
  read: (raw) => STATES.get(raw),
};

const fields = {
  deviceId,
  host,
  port,
  state,
  inventory: inventoryFile,
  tag: text({ max: 10_000 }),
  all: flag(false),
  ...attempts,
  ...tlsOptions,
  repeat: integer({ default: 1, min: 1, max: 1_000_000, unit: 'toggles' }),
  concurrency: integer({ default: 1, min: 1, max: 1000, unit: 'toggles at a time' }),
  ids: integer({ default: 0, min: 0, max: 1000, unit: 'device ids, 0 = as many as --concurrency' }),
  trace: flag(false),
  ...outputOptions,
} as const;

export const toggleCommand: Command<typeof fields> = {
  name: 'phase0-toggle',
  usage: 'phase0-toggle --device-id D --device-host H [options]',
  purpose: `Switches a device over TCP, or many devices of an inventory. Writes what happened to standard output: for people
on a terminal, in a pipe the packets and the verdict as JSON lines. What failed, and what to do, goes to standard error.`,
  fields,
  flags: { host: 'device-host', port: 'device-port' },
  headings: {
    deviceId: 'Device',
    inventory: 'Devices of an inventory',
    connection: 'Connection and attempts',
    queueMode: 'Queue (when more toggles run at a time than there are device ids)',
    breakerFailures: 'Circuit breaker',
    tls: 'TLS',
    repeat: 'Many toggles',
    trace: 'Output',
  },
  texts: {
    ...DEVICE_TEXTS,
    deviceId: 'The id of the device on the wire; of an inventory, ids separated by commas.',
    host: 'Name or address of the device, or of the gateway to it.',
    port: 'Its TCP port.',
    inventory: 'File with a row for each device; a row takes what it does not say from the options.',
    tag: 'Switch the rows with one of these tags, separated by commas.',
    all: 'Switch every row.',
    state: 'The state wanted; flip = not the last confirmed one (on at first).',
    queueMode: 'latest: a newer toggle takes the place of those that wait.',
    queueLimit: 'Most that wait for one device id; one more is dropped.',
    queueTtlMs: 'Longest wait for its turn; then it is dropped.',
    tls: 'Speak TLS, and verify the certificate of the device.',
    repeat: 'How many toggles, each with a msg_id of its own.',
    concurrency: 'How many toggles run at a time; with --inventory, how many devices.',
    ids: 'Device ids, used in turn: 1 = D itself, n = D-1 … D-n.',
    trace: 'Write each toggle step by step instead, with the bytes of its packets.',
    format: 'Lines for people, or JSON; auto: for people on a terminal, JSON in a pipe.',
    logLevel: 'Lowest level to write as JSON: DEBUG includes attempts, WARNING failures only.',
    metricsHost: 'Address of the Prometheus metrics; 0.0.0.0 = all addresses of this machine.',
    metricsPort: 'Port of the metrics, on http://127.0.0.1:N/metrics, while it runs.',
  },
  // The addresses are in the file, and so are the ids, of which several can be named.
  instead: { by: 'inventory', fields: { deviceId: text({ max: 1_000_000 }), host: text({ max: 253 }) } },
  notes: `
Toggles for one device id run one at a time. So --concurrency 8 takes eight device ids, D-1 … D-8, behind one host and
port; with --ids 1 all toggles go to D and wait for one another.
With --repeat, a progress bar shows on a terminal, and a table of outcomes and latencies closes the run.
With --inventory, --device-id, --tag or --all says which rows are switched; devices that were not confirmed are named on
standard error, and a table closes the run.

Examples:
  phase0-toggle --device-id lamp-1 --device-host 192.168.1.20
  phase0-toggle --device-id lamp-1 --device-host gateway.local --state off --max-attempts 5 --log-level error
  phase0-toggle --device-id lamp --device-host 127.0.0.1 --state flip --repeat 1000 --concurrency 8
  phase0-toggle --device-id lamp-1 --device-host 192.168.1.20 --trace
  phase0-toggle --inventory hall.csv --tag ceiling,stairs --state off --concurrency 20
  phase0-toggle --device-id lamp-1 --device-host lamp.local --tls --ca ca.pem | jq 'select(.event == "verdict")'

Exit code:
  0    confirmed; with --repeat or --inventory, every one
  1    not confirmed; the verdict says why
  2    invalid argument; nothing was sent
  130  stopped by Ctrl-C, 143 by SIGTERM: running toggles are cancelled and logged. A second signal exits immediately.
`,
};
