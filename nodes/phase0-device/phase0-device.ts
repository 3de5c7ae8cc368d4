/** Glue of the phase0-device config node: settings → device → close. Decides nothing. */
import { Device } from '../../src/device/device';
import { packetLog } from '../../src/observers/packet-log';
import { metrics } from '../metrics';
import type { Config, Node, NodeApi } from '../red';
import { parseSaved } from '../saved';
import { tlsOptionsOf } from '../tls';
import { misconfigured, type DeviceNode, type Switch } from './device-node';
import { fields, migrations } from './settings';
import { addDeviceTestRoute } from './device-test-route';

export = function register(RED: NodeApi): void {
  function createDevice(this: Node, config: Config): void {
    RED.nodes.createNode(this, config);
    const node = this as { -readonly [K in keyof DeviceNode]: DeviceNode[K] };
    node.deviceId = (config.deviceId ?? '').trim();
    const recorder = metrics.observer(node.id, node.deviceId);
    node.toggleNodeIds = new Set();

    /** Throws with what is wrong with the settings. */
    const createSwitch = (): Switch => {
      const parsed = parseSaved(fields, migrations, config);
      if (!parsed.ok) throw new Error(parsed.problems.join('; '));
      const tls = tlsOptionsOf(RED, config.tls);
      return new Device(parsed.settings, {
        ...(tls && { tls }),
        observers: [recorder, ...(parsed.settings.packetLog ? [packetLog((line) => node.debug(line))] : [])],
        onObserverError: (error) => node.warn(`an observer failed: ${String(error)}`),
      });
    };
    try {
      node.switch = createSwitch();
    } catch (error) {
      node.problem = (error as Error).message;
      node.switch = misconfigured(node.problem, node.deviceId, recorder);
      node.error(node.problem);
    }
    node.on('close', (removed, done) => {
      node.switch.close();
      if (removed) metrics.forget(node.id);
      done();
    });
  }
  RED.nodes.registerType('phase0-device', createDevice);
  addDeviceTestRoute(RED);
};
