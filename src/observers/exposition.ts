/** Text formats of metrics: content negotiation, and conversion from the Prometheus format to OpenMetrics. */
import Negotiator from 'negotiator';

/** A text format that a scraper can ask for; the first one is for whoever asks for neither. */
export type Format = 'prometheus' | 'openmetrics';

/** Metrics as text, and what to say of it in the header. */
export interface Exposition {
  readonly text: string;
  readonly contentType: string;
}

const TYPES: Readonly<Record<Format, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** What an `Accept` header prefers. Prometheus asks for OpenMetrics first, a browser for neither by name. */
export function preferredFormat(accept: string | undefined): Format {
  const negotiator = new Negotiator({ headers: { accept } });
  const type = negotiator.mediaType(Object.values(TYPES));
  return type === TYPES.openmetrics ? 'openmetrics' : 'prometheus';
}

/**
 * The same metrics in another format. Made from the text, for prom-client takes `_total` off its counters' names when
 * it writes OpenMetrics, and they stay so.
 */
export function expositionFrom(prometheusText: string, format: Format): Exposition {
  return {
    text: format === 'openmetrics' ? toOpenMetrics(prometheusText) : prometheusText,
    contentType: TYPES[format],
  };
}

/** OpenMetrics has no blank lines, an end that is marked, and a counter's family named without `_total`. */
function toOpenMetrics(text: string): string {
  const counters = new Set(Array.from(text.matchAll(/^# TYPE (\S+)_total counter$/gm), ([, name]) => name));
  const family = (line: string, before: string, name: string) => (counters.has(name) ? before + name : line);
  return `${text
    .replaceAll(/^(# (?:HELP|TYPE) )(\S+)_total(?= )/gm, family)
    .replaceAll(/\n{2,}/g, '\n')
    .trim()}\n# EOF\n`;
}
