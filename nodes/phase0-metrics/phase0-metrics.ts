/** Glue of the phase0-metrics node: settings → endpoint, message → metrics text, close. */
import { systemClock } from '../../src/clock';
import type { Exposition } from '../../src/observers/exposition';
import { serveMetrics, type ServerState } from '../../src/observers/metrics-server';
import { metrics } from '../metrics';
import type { Config, Message, Node, NodeApi, Status } from '../red';
import { parseSaved } from '../saved';
import { StatusLine } from '../status-line';
import { fields, migrations } from './settings';

export = function register(RED: NodeApi): void {
  function createMetrics(this: Node, config: Config): void {
    RED.nodes.createNode(this, config);
    const status = new StatusLine((shown) => this.status(shown), systemClock);
    const translate = (key: string, values = {}) => RED._(`phase0-metrics.status.${key}`, values);
    const parsed = parseSaved(fields, migrations, config);
    const problem = parsed.ok ? undefined : parsed.problems.join('; ');
    if (problem !== undefined) {
      this.error(problem);
      status.set(() => ({ fill: 'red', shape: 'ring', text: problem }));
    }
    const processMetrics = parsed.ok && parsed.settings.processMetrics;
    const exposition = (accept?: string) => metrics.exposition({ accept, processMetrics });

    let url = '';
    const showState = (state: ServerState): void => {
      if (state.kind === 'listening') url = state.url;
      if (state.kind === 'busy' || state.kind === 'error') this.warn(state.error.message);
      status.set(() => statusOf(state, url, translate));
    };
    const server =
      parsed.ok && parsed.settings.listen
        ? serveMetrics({ ...parsed.settings, exposition, onState: showState })
        : undefined;
    if (parsed.ok && !server) status.set(() => ({ fill: 'grey', shape: 'dot', text: translate('notServing') }));

    this.on('input', (msg, send, done) => {
      if (problem !== undefined) return done(new Error(problem));
      exposition(acceptedBy(msg)).then(
        (answer) => {
          send(withMetrics(msg, answer));
          done();
        },
        (error: Error) => done(error),
      );
    });
    this.on('close', (_removed, done) => {
      status.close();
      void Promise.resolve(server?.close()).finally(done);
    });
  }
  RED.nodes.registerType('phase0-metrics', createMetrics);
};

/** The `Accept` header of the request, when the message comes from an `http in` node. */
function acceptedBy({ req }: Message): string | undefined {
  const { headers } = (req ?? {}) as { headers?: { accept?: unknown } };
  return typeof headers?.accept === 'string' ? headers.accept : undefined;
}

function withMetrics(msg: Message, { text, contentType }: Exposition): Message {
  const headers = typeof msg.headers === 'object' ? msg.headers : {};
  return { ...msg, payload: text, headers: { ...headers, 'content-type': contentType } };
}

function statusOf(state: ServerState, url: string, translate: (key: string, values?: object) => string): Status {
  if (state.kind === 'busy') {
    return { fill: 'red', shape: 'ring', text: translate('busy', { address: state.error.message }) };
  }
  if (state.kind === 'error') return { fill: 'red', shape: 'dot', text: state.error.message };
  const count = state.kind === 'scraped' ? state.count : 0;
  return { fill: 'green', shape: 'dot', text: translate('serving', { url, count }) };
}
