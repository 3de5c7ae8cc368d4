/** Run of phase0-simulator: starts the simulated device, logs its events, reads modes from standard input. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type Settings } from '../settings/field';
import { show } from '../settings/show';
import { spacedHex } from '../observers/packet-log';
import { printable } from '../printable';
import { securityFrom } from '../transport/tls';
import { DeviceSimulator, type ReceivedPacket, type SimulatorOptions } from '../simulator/device-simulator';
import { isMode, MODES, type Mode } from '../settings/simulator';
import { DroppedLines } from './dropped-lines';
import { isText, Log } from './log';
import { EXIT, UsageError, type CliContext } from './cli-context';
import type { simulatorCommand } from './simulator-command';
import { simulatorText } from './simulator-text';
import { readTlsFiles } from './tls-files';

type Values = Settings<typeof simulatorCommand.fields>;

const REJECT_NEXT = 'reject-next';
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Serves until it is interrupted; resolves to the exit code. */
export async function simulate(values: Values, context: CliContext): Promise<number> {
  const format = isText(values.format) ? simulatorText : undefined;
  const log = new Log((line) => context.line(line), values.logLevel, undefined, format);
  const simulator = new DeviceSimulator({ ...values, ...tlsFrom(values) });
  const dropped = new DroppedLines(context, log);
  logEvents(simulator, log, dropped);
  const ended = once(context.ending, 'abort');
  // While connections are refused, neither a server nor a socket keeps the process alive.
  const keepAlive = setInterval(() => undefined, MAX_TIMER_MS);
  context.onSignal(() => undefined);
  try {
    await simulator.start();
  } catch (error) {
    context.say(printable((error as Error).message));
    clearInterval(keepAlive);
    return EXIT.failed;
  }
  // In mode `reject` it may never listen.
  if (simulator.mode === 'reject') logMode(simulator, log);
  const endInput = values.stdin ? readModes(simulator, context) : undefined;
  await ended;
  clearInterval(keepAlive);
  endInput?.();
  await simulator.close();
  const { appliedCount: applied, connectionCount: connections } = simulator;
  dropped.close();
  log.event('INFO', 'closed', 'Closed', { connections, applied });
  return EXIT.ok;
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
    msg_id,
    device_id,
    raw_packet_hex: spacedHex(raw),
    outcome: 'success',
    state,
    connection,
    repeated,
    mode,
  });
}

function logMode({ mode, host, port }: DeviceSimulator, log: Log): void {
  log.event('INFO', 'mode', `Mode ${mode}`, { mode, host, port });
}

/** Takes a mode from each line of standard input; its end changes nothing. Returns what ends it. */
function readModes(simulator: DeviceSimulator, context: CliContext): () => void {
  const lines = createInterface({ input: process.stdin, terminal: false });
  lines.on('line', (line) => {
    const word = line.trim().toLowerCase();
    if (word === REJECT_NEXT) simulator.rejectNextConnection();
    // A failure is reported as the event `error`.
    else if (isMode(word)) simulator.setMode(word).catch(() => undefined);
    else if (word !== '') context.say(`a line must be one of ${MODES.join(', ')}, ${REJECT_NEXT}, not ${show(line)}`);
  });
  return () => {
    lines.close();
    process.stdin.destroy();
  };
}
