/** Run of phase0-toggle: runs the toggles of its plan, writes the output, returns the exit code. */
import { Metrics } from '../observers/metrics';
import { packetLog } from '../observers/packet-log';
import type { Observer } from '../observer';
import { EXIT, type CliContext } from './cli-context';
import { inventoryDevices } from './inventory-devices';
import { isText, Log, rounded, verdictLog } from './log';
import { openEndpoint } from './metrics-endpoint';
import type { Plan, Values } from './plan';
import { ProgressBar } from './progress-bar';
import { singleDevice } from './single-device';
import { Tally } from './tally';
import { textReport } from './text-report';
import { traceReport } from './trace-report';
import { paintFor } from './trace-text';

/** Switches; resolves to the exit code. Throws UsageError before anything is sent. */
export async function toggle(values: Values, context: CliContext): Promise<number> {
  // Of many toggles, a table at the end says more than a line for each.
  const isSummed = values.repeat > 1 || values.inventory !== '';
  const terminal: { bar?: ProgressBar } = {};
  const write = (line: string): void => {
    if (process.stdout.isTTY) terminal.bar?.clear();
    context.line(line);
  };
  const asText = isText(values.format);
  const log = new Log(write, values.logLevel);
  const metrics = new Metrics();
  const lines = values.trace
    ? traceReport(write, (id) => plan.replyOf(id), values.format === 'json' ? undefined : paintFor(process.stdout))
    : asText
      ? isSummed
        ? []
        : [textReport(write)]
      : jsonLines(log);
  const deps = { context, metrics, observers: lines };
  const plan: Plan = values.inventory === '' ? singleDevice(values, deps) : await inventoryDevices(values, deps);
  context.onSignal(() => plan.stop());
  const endpoint = openEndpoint(metrics, values, context);

  const tally = new Tally();
  const bar = new ProgressBar(process.stderr, plan.total);
  terminal.bar = bar;
  const draw = () => isSummed && bar.update(tally.toggles, barNote(tally));
  draw();
  const startedAt = performance.now();
  await plan.run((verdict) => {
    tally.add(verdict);
    draw();
  });
  const elapsedMs = performance.now() - startedAt;
  plan.close();
  await endpoint?.close();

  bar.clear();
  for (const failure of plan.failures()) context.say(failure);
  if (isSummed) {
    if (!asText && !values.trace) logSummary(log, tally, elapsedMs);
    if (process.stdout.writable) process.stderr.write(`${tally.table(plan.total, elapsedMs)}\n`);
  }
  return context.exitAfterSignal ?? (tally.confirmed === plan.total ? EXIT.ok : EXIT.failed);
}

function jsonLines(log: Log): readonly Observer[] {
  // Building the lines of packets that nobody sees would cost the most.
  return [...(log.shows('WARNING') ? [packetLog((line, level) => log.line(line, level))] : []), verdictLog(log)];
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
