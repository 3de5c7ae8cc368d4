/** The phase0-device config node: settings → device → close. */
import { Device } from '../../src/device/device';
import type { Observer } from '../../src/observer';
import { packetLog } from '../../src/observers/packet-log';
import { droppedVerdict } from '../../src/verdict';
import { metrics } from '../metrics';
import type { Config, Node, NodeApi } from '../red';
import { parseSaved } from '../saved';
import { tlsOptionsOf } from '../tls';
import type { DeviceNode } from './device-node';
import { addDeviceTestRoute } from './device-test-route';
import { fields, migrations } from './settings';
import { forgetStates, stateStoreOf } from './state-store';

export = function register(RED: NodeApi): void {
  function createDevice(this: Node, config: Config): void {
    RED.nodes.createNode(this, config);
    const node = this as { -readonly [K in keyof DeviceNode]: DeviceNode[K] };
    // An environment variable of type number, or a flow that a program wrote, may give a number.
    node.deviceId = String(config.deviceId ?? '').trim();
    node.toggleNodes = new Map();
    const recorder = metrics.observer(node.id, node.deviceId);
    let device: Device | undefined;
    try {
      device = createDeviceFrom(RED, node, config, recorder);
      node.device = device;
    } catch (error) {
      node.problem = (error as Error).message;
      node.error(node.problem);
    }
    node.drop = (dropped) => {
      if (device) return device.drop(dropped);
      const verdict = droppedVerdict(dropped);
      recorder.verdict?.(verdict);
      return verdict;
    };
    node.on('close', (removed, done) => {
      device?.close();
      if (removed) {
        metrics.forget(node.id);
        forgetStates(node.id);
      }
      done();
    });
  }
  RED.nodes.registerType('phase0-device', createDevice);
  addDeviceTestRoute(RED);
};

/** Throws with what is wrong with the settings. */
function createDeviceFrom(RED: NodeApi, node: DeviceNode, config: Config, recorder: Observer): Device {
  const parsed = parseSaved(fields, migrations, config);
  if (!parsed.ok) throw new Error(parsed.problems.join('; '));
  const tls = tlsOptionsOf(RED, config.tls);
  const states: Observer = {
    confirmedState: (deviceId, state, isRestored) => {
      for (const listener of node.toggleNodes.values()) listener(deviceId, state, isRestored);
    },
  };
  const log = parsed.settings.packetLog ? [packetLog((line) => node.debug(line))] : [];
  return new Device(parsed.settings, {
    ...(tls && { tls }),
    observers: [recorder, states, ...log],
    onObserverError: (error) => node.warn(`an observer failed: ${String(error)}`),
    stateStore: stateStoreOf(node.id, node.context()),
    onStateStoreError: (error) => node.warn(`context: ${String(error)}`),
  });
}
