/** The phase0-device config node: settings → device → close. */
import { Device } from '../../src/device/device';
import { packetLog } from '../../src/observers/packet-log';
import { errorText, printable } from '../../src/printable';
import type { TracedSettings } from '../../src/trace/trace-owner';
import type { Settings } from '../../src/settings/field';
import { GuardedNode } from '../guarded-node';
import { metrics } from '../metrics';
import type { Config, Node, NodeApi } from '../red';
import { parseSaved } from '../saved';
import { tlsOptionsOf } from '../tls';
import type { TargetNode } from '../target-node';
import { traceObservers } from '../trace';
import { addTraceRoutes } from '../trace/routes';
import { textOf } from '../unsafe-values';
import { ContextStore } from './confirmed-states';
import { deployedDevice, forgetDevice, forgetRemovedDevices } from './deployed-devices';
import { addDeviceTestRoute } from './device-test-route';
import { fields, migrations } from './settings';

export = function register(RED: NodeApi): void {
  function createDevice(this: Node, config: Config): void {
    RED.nodes.createNode(this, config);
    const node = this as { -readonly [K in keyof TargetNode]: TargetNode[K] };
    const guarded = new GuardedNode(this);
    // An id that is not valid is shown and counted all the same.
    node.deviceId = fields.deviceId.read(textOf(config.deviceId)) ?? printable(textOf(config.deviceId));
    node.recorder = metrics.observer(node.id, node.deviceId);
    node.problems = [];
    node.toggleNodeIds = new Set();
    node.addressOf = () => undefined;
    node.isPersistent = () => false;
    const { states, connection } = deployedDevice(node.id);

    let traced: TracedSettings = {};
    node.trace = traceObservers(RED, {
      nodeId: node.id,
      nodeType: 'phase0-device',
      deviceIds: node.deviceId === '' ? [] : [node.deviceId],
      isComplete: false,
      settingsOf: () => traced,
    });

    /** Throws with what is wrong with the certificates. */
    const createDeviceFrom = (settings: Settings<typeof fields>): Device => {
      const { host, port, name, reply } = settings;
      node.addressOf = () => ({ host, port });
      node.isPersistent = () => settings.connection === 'persistent';
      traced = { name };
      const tls = tlsOptionsOf(RED, textOf(config.tls));
      traced = { name, address: { host, port, tls: tls !== undefined }, reply };
      node.settingsOf = () => settings;
      node.testDevice = (deviceId, observers) =>
        new Device({ ...settings, deviceId }, { ...(tls && { tls }), observers });
      const log = settings.packetLog ? [packetLog((line) => guarded.debug(line))] : [];
      return new Device(settings, {
        ...(tls && { tls }),
        observers: [node.recorder, ...node.trace, states, connection, ...log],
        onObserverError: (error) => guarded.warn(`an observer failed: ${errorText(error)}`),
        stateStore: new ContextStore(states, node.context()),
        onStateStoreError: (error) => guarded.warn(`context store: ${errorText(error)}`),
      });
    };
    const parsed = parseSaved(fields, migrations, config);
    node.problems = parsed.ok ? [] : parsed.problems;
    try {
      if (parsed.ok) node.device = createDeviceFrom(parsed.settings);
    } catch (error) {
      node.problems = [errorText(error)];
    }
    if (node.problems.length > 0) {
      guarded.error(node.problems.join('; '));
      traced = { ...traced, problem: node.problems.join('; ') };
    }
    node.on('close', (removed, done) => {
      void node.device?.close();
      void states.written().then(() => {
        if (removed) forgetDevice(node.id);
        done();
      });
    });
  }
  RED.nodes.registerType('phase0-device', createDevice);
  forgetRemovedDevices(RED);
  addDeviceTestRoute(RED);
  addTraceRoutes(RED);
};
