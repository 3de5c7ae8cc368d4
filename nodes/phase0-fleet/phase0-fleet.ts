/** The phase0-fleet config node: settings → requester of a fleet → close. */
import { setTimeout } from 'node:timers/promises';
import { Fleet } from '../../src/fleet/fleet';
import type { FleetState } from '../../src/fleet/requester-connection';
import { errorText } from '../../src/printable';
import { TransientSet } from '../../src/transient';
import { GuardedNode } from '../guarded-node';
import { metrics } from '../metrics';
import { ContextStore, deployedDevice, forgetDevice } from '../phase0-device/device-node';
import type { Config, Node, NodeApi } from '../red';
import type { TargetNode } from '../target-node';
import { tlsOptionsOf } from '../tls';
import { traceObservers } from '../trace';
import { addTraceRoutes } from '../trace/routes';
import { textOf } from '../unsafe-values';
import { brokerSettings, refuseSavedSecrets } from './broker-settings';
import { addBrokerTestRoute } from './broker-test-route';
import { brokerStatus } from './status';

/** Longest wait for the broker when a node closes: Node-RED gives up on a node after 15 s. */
const CLOSE_MS = 3000;

interface FleetNode extends TargetNode {
  readonly credentials?: object;
}

export = function register(RED: NodeApi): void {
  function createFleet(this: Node, config: Config): void {
    RED.nodes.createNode(this, config);
    const node = this as { -readonly [K in keyof FleetNode]: FleetNode[K] };
    const guarded = new GuardedNode(this);
    node.deviceId = '';
    node.toggleNodeIds = new TransientSet();
    node.addressOf = () => undefined;
    node.isPersistent = () => false;
    node.problems = [];
    // Packets go out from the workers, whose logs have them; what is asked for here, and its verdict, are known.
    node.trace = traceObservers(RED, {
      nodeId: node.id,
      nodeType: 'phase0-fleet',
      deviceIds: [],
      isComplete: false,
      settingsOf: () => (node.problems.length > 0 ? { problem: node.problems.join('; ') } : {}),
    });
    node.recorder = metrics.observer(node.id);
    const { states, connection } = deployedDevice(node.id);
    let isAway = false;

    const onState = (state: FleetState): void => {
      const isLost = state.kind === 'disconnected';
      connection.connectionState('', state.kind, isLost);
      guarded.status(brokerStatus(state));
      // It tries again every two seconds, and reports only what is new.
      if (isLost) guarded.warn(`the broker is away: ${state.error}`);
      if (state.kind === 'connected' && isAway) guarded.log('the broker is back');
      if (state.kind !== 'connecting') isAway = isLost;
    };
    try {
      refuseSavedSecrets(RED, node);
      const { url, settings } = brokerSettings(config, node.credentials);
      const tls = tlsOptionsOf(RED, textOf(config.tls));
      node.device = new Fleet(settings, {
        url,
        ...(tls && { tls }),
        onState,
        observers: [node.recorder, ...node.trace, states],
        onObserverError: (error) => guarded.warn(`an observer failed: ${errorText(error)}`),
        stateStore: new ContextStore(states, node.context()),
        onStateStoreError: (error) => guarded.warn(`context store: ${errorText(error)}`),
      });
    } catch (error) {
      node.problems = [errorText(error)];
      guarded.error(node.problems.join('; '));
    }
    node.on('close', (removed, done) => {
      const closed = node.device?.close();
      const late = new AbortController();
      const limit = setTimeout(CLOSE_MS, undefined, { signal: late.signal }).catch(() => undefined);
      void Promise.all([Promise.race([closed, limit]), states.written()]).then(() => {
        late.abort();
        if (removed) forgetDevice(node.id);
        done();
      });
    });
  }
  RED.nodes.registerType('phase0-fleet', createFleet, {
    credentials: { username: { type: 'text' }, password: { type: 'password' } },
  });
  addBrokerTestRoute(RED);
  addTraceRoutes(RED);
};
