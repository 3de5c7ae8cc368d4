/** Actions of the sidebar: switching a device, and testing it. */
import type { Observer } from '../../src/observer';
import { errorText } from '../../src/printable';
import type { ActionRequest } from '../../src/trace/answers';
import type { TracedDevice } from '../../src/trace/recorder';
import { refuse } from '../admin';
import { fleetNodeOf } from '../phase0-fleet/fleet-node';
import { writeToggle, type RunToggle } from '../event-lines';
import type { AdminHandler, NodeApi } from '../red';
import type { TargetNode } from '../target-node';
import { traceRecorder } from '../trace';
import { ownerOf } from './owner';

/** Actions running at once, over all editors. */
const MAX_ACTIONS = 16;
/** Whom the trace names as the requester. */
const REQUESTER = 'phase0';

export function runAction(RED: NodeApi): AdminHandler {
  const running = new Set<RunToggle>();
  return ({ body }, response) => {
    if (!isActionRequest(body)) return refuse(response, 400, 'key and action (on, off or test) are required');
    const recorder = traceRecorder(RED);
    const traced = recorder?.device(body.key);
    const node = traced && ownerOf(RED, traced.nodeId);
    if (!recorder || !traced || !node) return refuse(response, 404, 'there is no such device');
    if (running.size >= MAX_ACTIONS) return refuse(response, 429, `${MAX_ACTIONS} actions are running already`);
    const { nodeId, deviceId } = traced;
    const run =
      body.action === 'test'
        ? testOf(RED, node, traced, body.state, recorder.testObserver(nodeId))
        : toggleOf(node, deviceId, body.action === 'on');
    if (typeof run === 'string') return refuse(response, 409, run);
    running.add(run);
    void writeToggle(response, run, node.addressOf(deviceId))
      .catch((bug: Error) => RED.log.error(`phase0: action: ${bug.stack}`))
      .finally(() => {
        running.delete(run);
        response.end();
      });
  };
}

/** A toggle like that of a flow, or why there can be none. */
function toggleOf({ device, problems }: TargetNode, deviceId: string, state: boolean): RunToggle | string {
  if (!device) return problems.join('; ');
  return { toggle: (observer) => device.toggle({ state, deviceId, requester: REQUESTER, observer }) };
}

/**
 * A toggle of a device of its own, or why there can be none: neither an open circuit nor a connection that is stuck keeps
 * it from the device.
 */
function testOf(
  RED: NodeApi,
  node: TargetNode,
  { deviceId, isBusy, state: known }: TracedDevice,
  wanted: boolean | undefined,
  recording: Observer | undefined,
): RunToggle | string {
  const state = known ?? wanted;
  if (fleetNodeOf(RED, node.id)) return 'only the workers of a fleet can connect to its devices: use on or off';
  if (isBusy) return 'toggles of this device run or wait';
  if (state === undefined) return 'the state is not known: say which one to test with';
  try {
    const device = node.testDevice?.(deviceId, recording ? [recording] : []);
    if (!device) return node.problems.join('; ') || 'the device has no settings';
    return {
      toggle: (observer) => device.toggle({ state, requester: REQUESTER, observer }),
      end: () => device.close(),
    };
  } catch (error) {
    return errorText(error);
  }
}

function isActionRequest(body: unknown): body is ActionRequest {
  const { key, action, state } = (body ?? {}) as Partial<Record<keyof ActionRequest, unknown>>;
  const isKnown = action === 'on' || action === 'off' || action === 'test';
  return typeof key === 'string' && isKnown && (state === undefined || typeof state === 'boolean');
}
