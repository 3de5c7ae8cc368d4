/** The phase0-toggle node: settings → requests → outputs → close. */
import { systemClock } from '../../src/clock';
import { onPost, pressedNode } from '../admin';
import { GuardedNode } from '../guarded-node';
import { deviceNodeOf, unregister, type DeviceNode } from '../phase0-device/device-node';
import type { Config, Message, Node, NodeApi } from '../red';
import { parseSaved } from '../saved';
import { StatusLine } from '../status-line';
import { commandReader, type ReadCommand } from './command-reader';
import { Requests } from './requests';
import { fields, migrations } from './settings';
import { ToggleStatus } from './toggle-status';

interface ToggleNode extends Node {
  /** The message property that holds the state, if it comes from the message. */
  stateProperty?: string;
}

export = function register(RED: NodeApi): void {
  function createToggle(this: ToggleNode, config: Config): void {
    RED.nodes.createNode(this, config);
    const status = new ToggleStatus(new StatusLine((shown) => this.status(shown), systemClock), (key, values) =>
      RED._(`phase0-toggle.status.${key}`, values),
    );
    const parsed = parseSaved(fields, migrations, config);
    const { read, problem } = readerFrom(RED, this, parsed);
    if (parsed.ok && parsed.settings.stateType === 'msg') this.stateProperty = parsed.settings.state;

    const noDevice = RED._('phase0-toggle.error.noDevice');
    const requests = new Requests({
      node: new GuardedNode(this),
      status,
      device: () => registered(),
      ...(read && { read }),
      problem,
      noDevice,
      errors: parsed.ok ? parsed.settings.errors : 'auto',
    });

    /** The id whose last confirmed state the status follows; none if it differs from message to message. */
    const followedId = (device: DeviceNode): string | undefined => {
      if (!parsed.ok) return undefined;
      const { deviceIdType, deviceId } = parsed.settings;
      if (deviceIdType === 'device') return device.deviceId;
      return deviceIdType === 'str' ? deviceId.trim() : undefined;
    };
    /** The device node, which may be another one after a deploy; it knows this node from then on. */
    const registered = (): DeviceNode | undefined => {
      const device = deviceNodeOf(RED, config.device);
      if (!device || device.toggleNodes.has(this.id)) return device;
      device.toggleNodes.set(this.id, (deviceId, state, isRestored) => {
        // While this node works on messages, its status says how they are doing.
        if (requests.count === 0 && deviceId === followedId(device)) status.showKnownState(state, isRestored);
      });
      return device;
    };

    const device = registered();
    const settingsProblem = problem ?? (device ? device.problem : noDevice);
    const known = device && device.device?.knownState(followedId(device) ?? '');
    if (problem !== undefined) this.error(problem);
    if (settingsProblem !== undefined) status.showProblem(settingsProblem);
    else if (known !== undefined) status.showKnownState(known, false);

    this.on('input', (msg, send, done) => {
      if (isReset(msg)) {
        requests.stop('cancelled');
        return done();
      }
      void requests.handle(msg, send, done);
    });
    this.on('close', (_removed, done) => {
      const end = (): void => {
        const last = deviceNodeOf(RED, config.device);
        if (last) unregister(last, this.id);
        status.close();
        done();
      };
      requests.close().then(end, end);
    });
  }
  RED.nodes.registerType('phase0-toggle', createToggle);

  /** The button on the canvas: a message that asks for the opposite, wherever this node reads the state. */
  onPost(RED, 'phase0-toggle', ':id/press', ({ params }, response) => {
    const node: ToggleNode | undefined = pressedNode(RED, 'phase0-toggle', params.id, response);
    if (!node) return;
    const msg: Message = { payload: 'flip' };
    if (node.stateProperty) RED.util.setMessageProperty(msg, node.stateProperty, 'flip', true);
    node.receive(msg);
    response.status(204).end();
  });
};

function isReset(msg: Message): boolean {
  try {
    return msg.reset === true;
  } catch {
    // A message that cannot be read gets its verdict like every other.
    return false;
  }
}

/** What reads messages, or what is wrong with the settings. */
function readerFrom(
  RED: NodeApi,
  node: Node,
  parsed: ReturnType<typeof parseSaved<typeof fields>>,
): { read?: ReadCommand; problem: string | undefined } {
  if (!parsed.ok) return { problem: parsed.problems.join('; ') };
  try {
    return { read: commandReader(RED, node, parsed.settings), problem: undefined };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}
