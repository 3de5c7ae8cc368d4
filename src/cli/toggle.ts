/** Run of phase0-toggle: creates the device, runs the toggles, writes the output, returns the exit code. */
import { Device } from '../device/device';
import { printable } from '../printable';
import { parseSettings, problemWith, type Settings } from '../settings/field';
import { Metrics } from '../observers/metrics';
import { serveMetrics, type MetricsServer } from '../observers/metrics-server';
import { packetLog } from '../observers/packet-log';
import type { Observer } from '../observer';
import type { TlsOptions } from '../transport/tls';
import { deviceFields, deviceIdField } from '../settings/device';
import { describeVerdict, englishWords, type Verdict } from '../verdict';
import { deviceIdsFrom, runLoad, type Load } from './load';
import { isText, Log, rounded, verdictLog } from './log';
import { ProgressBar } from './progress-bar';
import { EXIT, UsageError, type CliContext } from './cli-context';
import { Tally } from './tally';
import { readTlsFiles } from './tls-files';
import { textReport } from './text-report';
import type { toggleCommand } from './toggle-command';

type Values = Settings<typeof toggleCommand.fields>;

/** Switches; resolves to the exit code. Throws UsageError before anything is sent. */
export async function toggle(values: Values, context: CliContext): Promise<number> {
  const load = loadFrom(values);
  const bar = new ProgressBar(process.stderr, load.repeat);
  const write = (line: string): void => {
    if (process.stdout.isTTY) bar.clear();
    context.line(line);
  };
  const asText = isText(values.format);
  const log = new Log(write, values.logLevel);
  const metrics = new Metrics();
  const device = deviceFrom(values, [
    metrics.observer(context.name),
    ...(asText ? textLines(write, values) : jsonLines(log)),
  ]);
  context.onSignal(() => device.stop('cancelled'));
  const endpoint = values.metricsPort > 0 ? serve(metrics, values, context) : undefined;

  const tally = new Tally();
  const draw = () => bar.update(tally.toggles, barNote(tally));
  let last: Verdict | undefined;
  const startedAt = performance.now();
  const onVerdict = (verdict: Verdict): void => {
    last = verdict;
    tally.add(verdict);
    if (load.repeat > 1) draw();
  };
  if (load.repeat > 1) draw();
  await runLoad(device, load, onVerdict, () => context.ready());
  const elapsedMs = performance.now() - startedAt;
  device.close();
  await endpoint?.close();

  bar.clear();
  if (load.repeat > 1) {
    if (!asText) logSummary(log, tally, elapsedMs);
    if (process.stdout.writable) process.stderr.write(`${tally.table(load.repeat, elapsedMs)}\n`);
  } else if (last && last.outcome !== 'confirmed') context.say(describeVerdict(last, englishWords(last, values)));
  return context.exitAfterSignal ?? (tally.confirmed === load.repeat ? EXIT.ok : EXIT.failed);
}

function jsonLines(log: Log): readonly Observer[] {
  // Building the lines of packets that nobody sees would cost the most.
  return [...(log.shows('WARNING') ? [packetLog((line, level) => log.line(line, level))] : []), verdictLog(log)];
}

/** Of many toggles, the table at the end says more than a line for each. */
function textLines(write: (line: string) => void, values: Values): readonly Observer[] {
  return values.repeat > 1 ? [] : [textReport(write, values)];
}

function loadFrom({ deviceId, repeat, state, ...values }: Values): Load {
  const concurrency = Math.min(values.concurrency, repeat);
  const deviceIds = deviceIdsFrom(deviceId, values.ids || concurrency);
  const problem = problemWith('--device-id with its number', deviceIdField, deviceIds.at(-1));
  if (problem) throw new UsageError(problem);
  return { repeat, concurrency, deviceIds, state };
}

function deviceFrom(values: Values, observers: readonly Observer[]): Device {
  const tls = tlsFrom(values);
  const parsed = parseSettings(deviceFields, values);
  if (!parsed.ok) throw new UsageError(parsed.problems.join('; '));
  try {
    return new Device(parsed.settings, { observers, ...(tls && { tls }) });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function tlsFrom({ tls, insecure, servername, ca, cert, key }: Values): TlsOptions | undefined {
  if (tls) return { ...readTlsFiles({ ca, cert, key }), servername, rejectUnauthorized: !insecure };
  // TLS options without --tls would silently send plain text.
  const [stray] = Object.entries({ ca, cert, key, servername, insecure }).find(([, value]) => value) ?? [];
  if (stray) throw new UsageError(`--${stray} needs --tls`);
  return undefined;
}

/** A metrics port in use is reported and retried; it does not delay the toggles. */
function serve(metrics: Metrics, { metricsHost, metricsPort }: Values, context: CliContext): MetricsServer {
  return serveMetrics({
    host: metricsHost,
    port: metricsPort,
    path: '/metrics',
    exposition: (accept) => metrics.exposition({ accept }),
    onState: (state) => {
      if (state.kind === 'busy') {
        context.say(
          `no metrics: ${printable(state.error.message)} (--metrics-port takes another port, 0 turns them off)`,
        );
      } else if (state.kind === 'error') context.say(`metrics: ${printable(state.error.message)}`);
    },
  });
}

function barNote({ toggles, confirmed }: Tally): string {
  return toggles > confirmed ? `, ${toggles - confirmed} not confirmed` : '';
}

function logSummary(log: Log, { toggles, outcomes, latencyMs }: Tally, elapsedMs: number): void {
  log.event('INFO', 'summary', `${toggles} toggles`, {
    toggles,
    outcomes: Object.fromEntries(outcomes),
    latency_ms: latencyMs,
    elapsed_ms: rounded(elapsedMs),
  });
}
