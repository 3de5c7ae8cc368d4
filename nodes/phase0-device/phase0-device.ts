/** Glue of the phase0-device config node: settings → device → close. Decides nothing. */
import { Device } from '../../src/device';
import { parseSettings } from '../../src/field';
import { packetLog } from '../../src/observers/packet-log';
import { metrics } from '../metrics';
import type { Config, Node, NodeApi } from '../red';
import { misconfigured, type DeviceNode } from './device-node';
import { fields } from './settings';

export = function register(RED: NodeApi): void {
  function createDevice(this: Node, config: Config): void {
    RED.nodes.createNode(this, config);
    const node = this as DeviceNode;
    const recorder = metrics.observer(node.id);
    node.deviceId = (config.deviceId ?? '').trim();
    const parsed = parseSettings(fields, config);
    if (parsed.ok) {
      const observers = [recorder, ...(parsed.settings.packetLog ? [packetLog((line) => node.debug(line))] : [])];
      node.switch = new Device(parsed.settings, {
        observers,
        onObserverError: (error) => node.warn(`an observer failed: ${String(error)}`),
      });
    } else {
      node.problem = parsed.problems.join('; ');
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
};
