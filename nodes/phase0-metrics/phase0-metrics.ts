/** The phase0-metrics node: settings → endpoint, message → metrics text, close. */
import { systemClock } from '../../src/clock';
import type { Exposition } from '../../src/observers/exposition';
import { serveMetrics, type ServerState } from '../../src/observers/metrics-server';
import { errorText, printable } from '../../src/printable';
import { GuardedNode } from '../guarded-node';
import { metrics } from '../metrics';
import { filled } from '../phrases';
import type { Config, Message, Node, NodeApi, Status } from '../red';
import { parseSaved } from '../saved';
import { settingStatus } from '../setting-status';
import { StatusLine } from '../status-line';
import { copyMessage, propertyOf } from '../unsafe-values';
import { fields, migrations } from './settings';
import { STATUS_TEXTS } from './status-texts';

export = function register(RED: NodeApi): void {
  function createMetrics(this: Node, config: Config): void {
    RED.nodes.createNode(this, config);
    const guarded = new GuardedNode(this);
    const status = new StatusLine(guarded, systemClock);
    const parsed = parseSaved(fields, migrations, config);
    const problems = parsed.ok ? [] : parsed.problems;
    if (problems.length > 0) {
      guarded.error(problems.join('; '));
      status.set(() => settingStatus(problems));
    }
    const processMetrics = parsed.ok && parsed.settings.processMetrics;
    const exposition = (accept?: string) => metrics.exposition({ accept, processMetrics });

    let url = '';
    let warned: string | undefined;
    const showState = (state: ServerState): void => {
      if (state.kind === 'listening') url = state.url;
      // A busy port is retried every few seconds: one warning is enough until something changes.
      const warning = 'error' in state ? printable(state.error.message) : undefined;
      if (warning !== undefined && warning !== warned) guarded.warn(warning);
      warned = warning;
      status.set(() => statusOf(state, url));
    };
    const serve = () => {
      if (!parsed.ok || !parsed.settings.listen) return undefined;
      const allowedHosts = parsed.settings.allowedHosts.split(/[\s,]+/).filter((host) => host !== '');
      const endpoint = { ...parsed.settings, allowedHosts, exposition, onState: showState };
      return serveMetrics(endpoint);
    };
    const server = serve();
    if (parsed.ok && !server) status.set(() => ({ fill: 'grey', shape: 'dot', text: STATUS_TEXTS.notServing }));

    this.on('input', (msg, send, done) => {
      if (problems.length > 0) return guarded.fail(msg, done, new Error(problems.join('; ')));
      exposition(acceptedBy(msg)).then(
        (answer) => {
          guarded.send(send, withMetrics(msg, answer), () => 'metrics');
          guarded.done(done);
        },
        (error: unknown) => guarded.fail(msg, done, new Error(errorText(error))),
      );
    });
    this.on('close', (_removed, done) => {
      status.close();
      Promise.resolve(server?.close()).then(done, () => done());
    });
  }
  RED.nodes.registerType('phase0-metrics', createMetrics);
};

/** The `Accept` header of the request, when the message comes from an `http in` node. */
function acceptedBy(msg: Message): string | undefined {
  try {
    const { headers } = (msg.req ?? {}) as { headers?: { accept?: unknown } };
    return typeof headers?.accept === 'string' ? headers.accept : undefined;
  } catch {
    return undefined;
  }
}

function withMetrics(msg: Message, { text, contentType }: Exposition): Message {
  const headers = propertyOf(msg, 'headers');
  const others = typeof headers === 'object' && headers !== null ? copyMessage(headers as Message) : {};
  return { ...copyMessage(msg), payload: text, headers: { ...others, 'content-type': contentType } };
}

function statusOf(state: ServerState, url: string): Status {
  if (state.kind === 'busy') {
    return { fill: 'red', shape: 'ring', text: printable(state.error.message) };
  }
  if (state.kind === 'error') return { fill: 'red', shape: 'dot', text: printable(state.error.message) };
  const count = state.kind === 'scraped' ? state.count : 0;
  return { fill: 'green', shape: 'dot', text: filled(STATUS_TEXTS.serving, { url, count }) };
}
