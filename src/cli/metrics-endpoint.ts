/** Metrics endpoint of the commands, while they run, and the probes of a worker beside it. */
import { serveMetrics, type MetricsServer } from '../observers/metrics-server';
import type { Exposition } from '../observers/exposition';
import type { Metrics } from '../observers/metrics';
import { printable } from '../printable';
import type { CliContext } from './cli-context';

interface EndpointOptions {
  readonly metricsHost: string;
  /** 0 = no endpoint. */
  readonly metricsPort: number;
}

/** A metrics port in use is reported and retried; it does not delay the toggles. */
export function openEndpoint(
  metrics: Metrics,
  { metricsHost, metricsPort }: EndpointOptions,
  context: CliContext,
): MetricsServer | undefined {
  if (metricsPort === 0) return undefined;
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

/** Answers `/healthz` as long as the process does anything, and `/readyz` with 503 while `isReady` is false. */
export function openProbes(
  isReady: () => boolean,
  { metricsHost, metricsPort }: EndpointOptions,
): readonly MetricsServer[] {
  if (metricsPort === 0) return [];
  const probe = (path: string, isOk: () => boolean) =>
    serveMetrics({
      host: metricsHost,
      port: metricsPort,
      path,
      exposition: () => Promise.resolve(answerOf(isOk())),
    });
  return [probe('/healthz', () => true), probe('/readyz', isReady)];
}

function answerOf(isOk: boolean): Exposition {
  const contentType = 'text/plain; charset=utf-8';
  return isOk ? { text: 'ok\n', contentType } : { text: 'not ready\n', contentType, status: 503 };
}
