/** The phase0-toggle node: settings → requests → outputs → close. */
import { systemClock } from '../../src/clock';
import type { Settings } from '../../src/settings/field';
import type { Verdict } from '../../src/verdict';
import { onPost, pressedNode } from '../admin';
import { GuardedNode } from '../guarded-node';
import { confirmedStatesOf, deviceNodeOf, unregister, type ConfirmedState } from '../phase0-device/device-node';
import type { Config, Message, Node, NodeApi } from '../red';
import { parseSaved } from '../saved';
import { StatusLine } from '../status-line';
import { watchStops } from '../stopping-flows';
import { propertyOf, textOf } from '../unsafe-values';
import { rememberedVerdictWords } from '../verdict-words';
import { commandReader, type ReadCommand } from './command-reader';
import { Requests } from './requests';
import { fields, migrations } from './settings';
import { confirmedStatus, settingStatus } from './status';

interface ToggleNode extends Node {
  /** Where in a message it looks for the state, if it does. */
  stateProperty?: string;
}

export = function register(RED: NodeApi): void {
  function createToggle(this: Node, config: Config): void {
    RED.nodes.createNode(this, config);
    const guarded = new GuardedNode(this);
    const status = new StatusLine((shown) => guarded.status(shown), systemClock);
    const deviceNodeId = textOf(config.device);
    const device = () => deviceNodeOf(RED, deviceNodeId);
    const noDevice = RED._('phase0-toggle.error.noDevice');
    const own = ownSettings(RED, this, config);
    if (own.settings?.stateType === 'msg') (this as ToggleNode).stateProperty = own.settings.state;

    const problem = () => {
      const deviceNode = device();
      return own.problem ?? (deviceNode ? deviceNode.problem : noDevice);
    };
    const { read } = own;
    const errors = own.settings?.errors ?? 'auto';
    const verdictWords = rememberedVerdictWords(RED);
    const words = (verdict: Verdict) => verdictWords(verdict, device()?.address);
    const requests = new Requests(this, { guarded, status, words, device, read, problem, errors });

    const followedDeviceId = () => requests.latestDeviceId ?? (fixedDeviceId(own.settings) || device()?.deviceId);
    const showConfirmed = (deviceId: string, confirmed: ConfirmedState) => {
      // While a message is being worked on, the status is about that message.
      if (requests.idle && deviceId === followedDeviceId()) status.set(() => confirmedStatus(confirmed));
    };
    const states = confirmedStatesOf(deviceNodeId);
    const problemAtStart = problem();
    if (own.problem !== undefined) guarded.error(own.problem);
    if (own.problem === undefined) states.follow(this.id, showConfirmed);
    const deviceId = followedDeviceId() ?? '';
    const confirmed = states.get(deviceId);
    if (problemAtStart !== undefined) status.set(() => settingStatus(problemAtStart));
    else if (confirmed) showConfirmed(deviceId, confirmed);

    this.on('input', (msg, send, done) => {
      if (propertyOf(msg, 'reset') !== true) return requests.handle(msg, send, done);
      requests.stop('cancelled');
      guarded.done(done);
    });
    this.on('close', (_removed, done) => {
      states.unfollow(this.id);
      void requests.close().then(() => {
        status.close();
        const deviceNode = device();
        if (deviceNode) unregister(deviceNode, this.id);
        done();
      });
    });
  }
  RED.nodes.registerType('phase0-toggle', createToggle);
  watchStops(RED);

  /** The button on the canvas: a message with `flip` in the property from which this node reads the state. */
  onPost(RED, 'phase0-toggle', ':id/press', ({ params }, response) => {
    const node: ToggleNode | undefined = pressedNode(RED, 'phase0-toggle', params.id, response);
    if (!node) return;
    const msg: Message = { payload: 'flip' };
    if (node.stateProperty) RED.util.setMessageProperty(msg, node.stateProperty, 'flip', true);
    node.receive(msg);
    response.status(204).end();
  });
};

interface OwnSettings {
  readonly settings?: Settings<typeof fields>;
  readonly read?: ReadCommand;
  readonly problem?: string;
}

function ownSettings(RED: NodeApi, node: Node, config: Config): OwnSettings {
  const parsed = parseSaved(fields, migrations, config);
  if (!parsed.ok) return { problem: parsed.problems.join('; ') };
  const { settings } = parsed;
  try {
    return { settings, read: commandReader(RED, node, settings) };
  } catch (error) {
    return { settings, problem: (error as Error).message };
  }
}

/** The device id of the settings, if they name one other than the device's own. */
function fixedDeviceId(settings: Settings<typeof fields> | undefined): string {
  return settings?.deviceIdType === 'str' ? settings.deviceId.trim() : '';
}
