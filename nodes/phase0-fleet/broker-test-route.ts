/** Route of the Test button: the dialog's values in, one JSON answer out. */
import { onPost, refuse } from '../admin';
import { editedCredentials } from '../edited-credentials';
import { resolved } from '../environment';
import type { Config, NodeApi } from '../red';
import { draftTlsOptions, type TlsDraft } from '../tls';
import { runBrokerTest } from './broker-test';

/** What the dialog sends. */
interface BrokerTestRequest {
  /** The config node's id, deployed or not. */
  readonly id: string;
  /** The tab or subflow that the node belongs to; empty = all. */
  readonly z?: string;
  readonly settings: Config;
  /** Those of the dialog; the placeholder of a saved password means the deployed one. */
  readonly credentials: Readonly<Record<string, unknown>>;
  /** The chosen tls-config node as the editor has it. */
  readonly tls?: TlsDraft;
}

/** Tests running at once, over all editors. */
const MAX_TESTS = 4;
const LIMIT_MS = 20_000;

/** POST /phase0-fleet/test. It ends when the editor closes the request. */
export function addBrokerTestRoute(RED: NodeApi): void {
  let running = 0;
  onPost(RED, 'phase0-fleet', 'test', ({ body }, response) => {
    if (!isBrokerTestRequest(body)) return refuse(response, 400, 'id, settings and credentials are required');
    if (running >= MAX_TESTS) return refuse(response, 429, `${MAX_TESTS} tests are running already`);
    running += 1;
    const { id, z, settings, credentials, tls } = body;
    const closed = new AbortController();
    response.on('close', () => closed.abort());
    const test = {
      settings: resolved(RED, settings, id, z),
      credentials: resolved(RED, editedCredentials(RED, id, credentials), id, z),
      tls: async () => tls && draftTlsOptions(RED, resolved(RED, tls, tls.id, z)),
    };
    void runBrokerTest(test, AbortSignal.any([closed.signal, AbortSignal.timeout(LIMIT_MS)]))
      .then((answer) => response.json(answer))
      .catch((bug: Error) => RED.log.error(`phase0-fleet: test: ${bug.stack}`))
      .finally(() => {
        running -= 1;
      });
  });
}

function isBrokerTestRequest(body: unknown): body is BrokerTestRequest {
  const { id, settings, credentials } = (body ?? {}) as Partial<BrokerTestRequest>;
  const isObject = (value: unknown) => typeof value === 'object' && value !== null;
  return typeof id === 'string' && isObject(settings) && isObject(credentials);
}
