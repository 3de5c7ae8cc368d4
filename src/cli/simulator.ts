/** Run of phase0-simulator: starts the simulated devices, logs their events, reads modes from standard input. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { addressesOf } from '../inventory/addresses';
import { type Settings } from '../settings/field';
import { show } from '../settings/show';
import { spacedHex } from '../observers/packet-log';
import { printable } from '../printable';
import { securityFrom } from '../transport/tls';
import { DeviceSimulator, type ReceivedPacket, type SimulatorOptions } from '../simulator/device-simulator';
import { modeNamed, MODES, type Mode } from '../settings/simulator';
import { DroppedLines } from './dropped-lines';
import { readDevices } from './inventory-devices';
import { isText, Log } from './log';
import { EXIT, UsageError, type CliContext } from './cli-context';
import type { simulatorCommand } from './simulator-command';
import { simulatorText } from './simulator-text';
import { readTlsFiles } from './tls-files';
import { packetText, paintFor, type Paint } from './trace-text';

type Values = Settings<typeof simulatorCommand.fields>;

const REJECT_NEXT = 'reject-next';
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Serves until it is interrupted; resolves to the exit code. */
export async function simulate(values: Values, context: CliContext): Promise<number> {
  // A trace is for people, in a pipe as well.
  const format = isText(values.format) || (values.trace && values.format === 'auto') ? simulatorText : undefined;
  const log = new Log((line) => context.line(line), values.logLevel, undefined, format);
  const simulators = (await optionsFrom(values)).map((options) => new DeviceSimulator(options));
  const dropped = new DroppedLines(context, log);
  for (const simulator of simulators) logEvents(simulator, log, dropped);
  if (values.trace) {
    const paint = format && paintFor(process.stdout);
    for (const simulator of simulators) traceBytes(simulator, log, dropped, paint);
  }
  const ended = once(context.ending, 'abort');
  // While connections are refused, neither a server nor a socket keeps the process alive.
  const keepAlive = setInterval(() => undefined, MAX_TIMER_MS);
  context.onSignal(() => undefined);
  try {
    await Promise.all(simulators.map((simulator) => simulator.start()));
  } catch (error) {
    context.say(printable((error as Error).message));
    clearInterval(keepAlive);
    await closeAll(simulators);
    return EXIT.failed;
  }
  // In mode `reject` it may never listen.
  for (const simulator of simulators) if (simulator.mode === 'reject') logMode(simulator, log);
  const endInput = values.stdin ? readModes(simulators, context) : undefined;
  await ended;
  clearInterval(keepAlive);
  endInput?.();
  await closeAll(simulators);
  const applied = simulators.reduce((sum, { appliedCount }) => sum + appliedCount, 0);
  const connections = simulators.reduce((sum, { connectionCount }) => sum + connectionCount, 0);
  dropped.close();
  log.event('INFO', 'closed', 'Closed', { connections, applied });
  return EXIT.ok;
}

async function closeAll(simulators: readonly DeviceSimulator[]): Promise<void> {
  await Promise.all(simulators.map((simulator) => simulator.close()));
}

/** One for each device; rows with one address are device ids behind one gateway. */
async function optionsFrom(values: Values): Promise<readonly SimulatorOptions[]> {
  const tls = tlsFrom(values);
  if (values.inventory === '') return [{ ...values, ...tls }];
  const { devices } = await readDevices(values.inventory, {});
  return addressesOf(devices).map(({ host, port, tls: speaksTls, isFramed, deviceIds }) => {
    const [deviceId = ''] = deviceIds;
    if (speaksTls && !tls.tls) throw new UsageError(`${printable(deviceId)} has tls on, which needs --cert and --key`);
    return { ...values, host, port, reply: isFramed ? 'framed' : values.reply, ...(speaksTls && tls) };
  });
}

function tlsFrom({ ca, cert, key }: Values): Pick<SimulatorOptions, 'tls'> {
  if (ca && !cert) throw new UsageError('--ca needs --cert and --key');
  const files = readTlsFiles({ ca, cert, key });
  if (!files.cert) return {};
  try {
    securityFrom(files);
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
  return { tls: { ...files, requestCert: ca !== '', rejectUnauthorized: true } };
}

function logEvents(simulator: DeviceSimulator, log: Log, dropped: DroppedLines): void {
  const { host } = simulator;
  simulator.on('listening', () => {
    const { port, mode, reply } = simulator;
    log.event('INFO', 'listening', `Listening on ${host} port ${port}`, { host, port, mode, reply });
  });
  simulator.on('packet', (packet) => dropped.log(() => logPacket(packet, simulator.mode, log)));
  simulator.on('malformed', ({ reason, message }) =>
    dropped.log(() => log.event('WARNING', 'malformed', `Request ${reason}`, { reason, error: message })),
  );
  simulator.on('mode', () => logMode(simulator, log));
  simulator.on('error', ({ message }) => log.event('ERROR', 'error', 'Device failed', { error: message }));
}

function logPacket({ payload, raw, connection, repeated }: ReceivedPacket, mode: Mode, log: Log): void {
  const { device_id, msg_id, state } = payload;
  log.event('INFO', 'tcp_packet', 'Packet tcp_packet recv success', {
    direction: 'recv',
    msg_id: idText(msg_id),
    device_id: idText(device_id),
    raw_packet_hex: spacedHex(raw),
    outcome: 'success',
    state,
    connection,
    repeated,
    mode,
  });
}

/** An id as it came from the wire, where it can have any length and any characters. */
function idText(id: unknown): string {
  return printable(String(id));
}

/** What came and what was sent, byte by byte: as hex in JSON, which has the requests already. */
function traceBytes(simulator: DeviceSimulator, log: Log, dropped: DroppedLines, paint: Paint | undefined): void {
  const write = (bytes: Buffer, direction: 'request' | 'reply') => {
    const lines = paint && packetText(bytes, bytes.length, { direction }, paint);
    for (const line of lines ?? []) log.line(line, 'INFO');
  };
  simulator.on('packet', ({ raw }) => dropped.log(() => write(raw, 'request')));
  simulator.on('reply', ({ bytes, connection }) =>
    dropped.log(() => {
      const fields = { direction: 'send', raw_packet_hex: spacedHex(bytes), connection };
      log.event('INFO', 'reply', 'Reply sent', fields);
      write(bytes, 'reply');
    }),
  );
}

function logMode({ mode, host, port }: DeviceSimulator, log: Log): void {
  log.event('INFO', 'mode', `Mode ${mode}`, { mode, host, port });
}

/** Takes a mode from each line of standard input; its end changes nothing. Returns what ends it. */
function readModes(simulators: readonly DeviceSimulator[], context: CliContext): () => void {
  const lines = createInterface({ input: process.stdin, terminal: false });
  lines.on('line', (line) => {
    const word = line.trim().toLowerCase();
    const mode = modeNamed(line);
    if (word === REJECT_NEXT) for (const simulator of simulators) simulator.rejectNextConnection();
    // A failure is reported as the event `error`.
    else if (mode !== undefined) for (const simulator of simulators) simulator.setMode(mode).catch(() => undefined);
    else if (word !== '') context.say(`a line must be one of ${MODES.join(', ')}, ${REJECT_NEXT}, not ${show(line)}`);
  });
  return () => {
    lines.close();
    process.stdin.destroy();
  };
}
