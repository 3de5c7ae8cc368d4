/** The phase0-device config node: settings → device → close. */
import { Device } from '../../src/device/device';
import { packetLog } from '../../src/observers/packet-log';
import { errorText, printable } from '../../src/printable';
import { TransientSet } from '../../src/transient';
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
import { ConfiguredDevice } from './configured-device';
import { ContextStore } from './confirmed-states';
import { deployedDevice, forgetDevice, forgetRemovedDevices } from './deployed-devices';
import { addDeviceTestRoute } from './device-test-route';
import { fields, migrations } from './settings';

type DeviceNode = { -readonly [K in keyof TargetNode]: TargetNode[K] } & { configured: ConfiguredDevice };

const NONE: readonly string[] = [];

/** The same for all device nodes, so that each has none of its own. */
const methods: Pick<TargetNode, 'addressOf' | 'isFollowed' | 'isPersistent' | 'settingsOf' | 'testDevice'> &
  ThisType<DeviceNode> = {
  addressOf() {
    return this.configured.address;
  },
  isFollowed() {
    return deployedDevice(this.id).isFollowed;
  },
  isPersistent() {
    return this.configured.settings?.connection === 'persistent';
  },
  settingsOf() {
    return this.configured.valid;
  },
  testDevice(deviceId, observers) {
    return this.configured.testDevice(deviceId, observers);
  },
};

export = function register(RED: NodeApi): void {
  function createDevice(this: Node, config: Config): void {
    RED.nodes.createNode(this, config);
    const node = this as DeviceNode;
    const guarded = new GuardedNode(this);
    // An id that is not valid is shown and counted all the same.
    node.deviceId = fields.deviceId.read(textOf(config.deviceId)) ?? printable(textOf(config.deviceId));
    node.recorder = metrics.observer(node.id, node.deviceId);
    node.toggleNodeIds = new TransientSet();
    const configured = new ConfiguredDevice(node.id, node.deviceId);
    node.configured = configured;
    node.trace = traceObservers(RED, configured);
    const { states, connection } = deployedDevice(node.id);

    /** Throws with what is wrong with the certificates. */
    const createDeviceFrom = (settings: Settings<typeof fields>): Device => {
      configured.settings = settings;
      const tls = tlsOptionsOf(RED, textOf(config.tls));
      configured.tls = tls;
      const log = settings.packetLog ? [packetLog((line) => guarded.debug(line))] : [];
      return new Device(settings, {
        ...(tls && { tls }),
        observers: [node.recorder].concat(node.trace, states, connection, log),
        onObserverError: (error) => guarded.warn(`an observer failed: ${errorText(error)}`),
        stateStore: new ContextStore(states, node.context()),
        onStateStoreError: (error) => guarded.warn(`context store: ${errorText(error)}`),
      });
    };
    const parsed = parseSaved(fields, migrations, config);
    node.problems = parsed.ok ? NONE : parsed.problems;
    try {
      if (parsed.ok) node.device = createDeviceFrom(parsed.settings);
    } catch (error) {
      node.problems = [errorText(error)];
    }
    if (node.problems.length > 0) {
      configured.problem = node.problems.join('; ');
      guarded.error(configured.problem);
    }
    node.on('close', (removed, done) => {
      void node.device?.close();
      void states.written().then(() => {
        if (removed) forgetDevice(node.id);
        done();
      });
    });
  }
  Object.assign(createDevice.prototype as object, methods);
  RED.nodes.registerType('phase0-device', createDevice);
  forgetRemovedDevices(RED);
  addDeviceTestRoute(RED);
  addTraceRoutes(RED);
};
