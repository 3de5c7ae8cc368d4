/** Text formats of metrics: content negotiation, and conversion from the Prometheus format to OpenMetrics. */
import Negotiator from 'negotiator';

/** Text formats that a scraper can request; the first one is the default. */
export type Format = 'prometheus' | 'openmetrics';

/** Metrics as text, with the value of the Content-Type header. */
export interface Exposition {
  readonly text: string;
  readonly contentType: string;
  /** The status of the response; 200 by default. */
  readonly status?: number;
}

const TYPES: Readonly<Record<Format, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** The format that an `Accept` header prefers. Prometheus prefers OpenMetrics; a browser names neither. */
export function preferredFormat(accept: string | undefined): Format {
  const negotiator = new Negotiator({ headers: { accept } });
  const type = negotiator.mediaType(Object.values(TYPES));
  return type === TYPES.openmetrics ? 'openmetrics' : 'prometheus';
}

/**
 * Joins metrics, each in the Prometheus format, to a whole in the given one. It converts the text, because prom-client
 * permanently removes `_total` from the names of its counters when it writes OpenMetrics.
 */
export function expositionFrom(metrics: readonly string[], format: Format): Exposition {
  const contentType = TYPES[format];
  if (format === 'prometheus') return { text: `${metrics.join('\n\n')}\n`, contentType };
  return { text: `${metrics.map(toFamily).join('\n')}\n# EOF\n`, contentType };
}

/** What stands before the samples of a counter. */
const COUNTER_HEAD = /^(# HELP \S+)_total (.*\n# TYPE \S+)_total counter(?=\n|$)/;

/** OpenMetrics has counter families without `_total`. */
function toFamily(metric: string): string {
  return metric.replace(COUNTER_HEAD, '$1 $2 counter');
}
