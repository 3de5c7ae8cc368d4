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
 * Converts the metrics to another format. It converts the text, because prom-client permanently removes `_total` from
 * the names of its counters when it writes OpenMetrics.
 */
export function expositionFrom(prometheusText: string, format: Format): Exposition {
  return {
    text: format === 'openmetrics' ? toOpenMetrics(prometheusText) : prometheusText,
    contentType: TYPES[format],
  };
}

/** OpenMetrics has no blank lines, an end marker, and counter families without `_total`. */
function toOpenMetrics(text: string): string {
  const counters = new Set(Array.from(text.matchAll(/^# TYPE (\S+)_total counter$/gm), ([, name]) => name));
  const family = (line: string, before: string, name: string) => (counters.has(name) ? before + name : line);
  return `${text
    .replaceAll(/^(# (?:HELP|TYPE) )(\S+)_total(?= )/gm, family)
    .replaceAll(/\n{2,}/g, '\n')
    .trim()}\n# EOF\n`;
}
