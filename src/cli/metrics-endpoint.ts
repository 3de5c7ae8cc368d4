/** Metrics endpoint of phase0-toggle, while it runs. */
import { serveMetrics, type MetricsServer } from '../observers/metrics-server';
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
