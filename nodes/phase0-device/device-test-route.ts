/** Route of the Test button: the dialog's values in, one line of JSON for each event out. */
import { onPost, refuse } from '../admin';
import { resolved } from '../environment';
import { startEventLines } from '../event-lines';
import type { NodeApi } from '../red';
import { draftTlsOptions, type TlsDraft } from '../tls';
import { runDeviceTest } from './device-test';

/** What the dialog sends. */
interface DeviceTestRequest {
  /** The config node's id, deployed or not. */
  readonly id: string;
  /** The tab or subflow that the node belongs to; empty = all. */
  readonly z?: string;
  readonly state: boolean;
  readonly settings: Readonly<Record<string, unknown>>;
  /** The chosen tls-config node as the editor has it. */
  readonly tls?: TlsDraft;
}

/** Tests running at once, over all editors. */
const MAX_DEVICE_TESTS = 8;

/** POST /phase0-device/test. One test at a time for each config node; it ends when the editor closes the request. */
export function addDeviceTestRoute(RED: NodeApi): void {
  const running = new Set<string>();
  onPost(RED, 'phase0-device', 'test', ({ body }, response) => {
    if (!isDeviceTestRequest(body)) return refuse(response, 400, 'id, state and settings are required');
    const { id, z, state, settings, tls } = body;
    if (running.has(id)) return refuse(response, 409, 'a test of this device is running already');
    if (running.size >= MAX_DEVICE_TESTS) return refuse(response, 429, `${MAX_DEVICE_TESTS} tests are running already`);
    running.add(id);
    const closed = new AbortController();
    response.on('close', () => closed.abort());
    const test = {
      settings: resolved(RED, settings, id, z),
      state,
      tls: async () => tls && draftTlsOptions(RED, resolved(RED, tls, tls.id, z)),
      onEvent: startEventLines(response),
    };
    void runDeviceTest(test, closed.signal)
      .catch((bug: Error) => RED.log.error(`phase0-device: test: ${bug.stack}`))
      .finally(() => {
        running.delete(id);
        response.end();
      });
  });
}

function isDeviceTestRequest(body: unknown): body is DeviceTestRequest {
  const { id, state, settings } = (body ?? {}) as Partial<DeviceTestRequest>;
  return typeof id === 'string' && typeof state === 'boolean' && typeof settings === 'object' && settings !== null;
}
