/** The phase0-toggle node: settings → requests → outputs → close. */
import { systemClock } from '../../src/clock';
import type { Settings } from '../../src/settings/field';
import type { Verdict } from '../../src/verdict';
import { onPost, pressedNode } from '../admin';
import { GuardedNode } from '../guarded-node';
import { chosenTarget } from '../chosen-target';
import { deployedDevice } from '../phase0-device/device-node';
import { expressionProblems } from '../property';
import type { Config, Message, Node, NodeApi } from '../red';
import { parseSaved } from '../saved';
import { StatusLine } from '../status-line';
import { watchStops } from '../stopping-flows';
import { unregister } from '../target-node';
import { propertyOf } from '../unsafe-values';
import { rememberedVerdictWords } from '../verdict-words';
import { commandReader, type ReadCommand } from './command-reader';
import { fixedDeviceId } from './fixed-device-id';
import { Requests } from './requests';
import { deviceIdProblem, fields, meant, migrations } from './settings';
import { ToggleStatus } from './toggle-status';

interface ToggleNode extends Node {
  /** Where in a message it looks for the state, if it does. */
  stateProperty?: string;
}

export = function register(RED: NodeApi): void {
  const verdictWords = rememberedVerdictWords(RED);

  function createToggle(this: Node, config: Config): void {
    RED.nodes.createNode(this, config);
    const guarded = new GuardedNode(this);
    const line = new StatusLine((shown) => guarded.status(shown), systemClock);
    const own = ownSettings(RED, this, config);
    const target = chosenTarget(RED, this, own.settings?.target ?? 'device', config, own.problems);
    const device = () => target.node();
    if (own.settings?.stateType === 'msg') (this as ToggleNode).stateProperty = own.settings.state;

    const { read } = own;
    const errors = own.settings?.errors ?? 'auto';
    const words = (verdict: Verdict) => verdictWords(verdict, device()?.addressOf(verdict.deviceId));
    const followed = deployedDevice(target.id);
    const fixed = fixedDeviceId(RED, this, own.settings);
    const ownDeviceId = () => fixed(device()?.deviceId);
    const isPersistent = () => device()?.isPersistent() === true;
    const problems = () => target.problems();
    const trouble = () => target.trouble();
    const mended = () => target.mended();
    const problem = () => target.problem();
    const isGone = (deviceId: string) => target.lacks(deviceId);
    const status = new ToggleStatus({ line, followed, ownDeviceId, problems, trouble, mended, isGone, isPersistent });
    const requests = new Requests(this, { guarded, status, words, device, read, problem, errors });

    if (own.problems.length > 0) guarded.error(own.problems.join('; '));
    else {
      // While a message is being worked on, the status is about that message.
      followed.states.follow(this.id, (deviceId) => status.stateChanged(deviceId, requests.idle));
      followed.connection.follow(this.id, () => {
        if (requests.idle) status.connectionChanged();
      });
    }
    target.whenReady(() => status.start());
    target.follow(() => status.tableRead(requests.idle));

    this.on('input', (msg, send, done) => {
      if (propertyOf(msg, 'reset') === true) requests.stop('cancelled');
      else if (!target.reloadsBy(msg)) return requests.handle(msg, send, done);
      guarded.done(done);
    });
    this.on('close', (_removed, done) => {
      target.unfollow();
      followed.states.unfollow(this.id);
      followed.connection.unfollow(this.id);
      void requests.close().then(() => {
        line.close();
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
  readonly problems: readonly string[];
}

function ownSettings(RED: NodeApi, node: Node, config: Config): OwnSettings {
  const parsed = parseSaved(fields, migrations, { ...meant(config), ...config });
  if (!parsed.ok) return { problems: parsed.problems };
  const { settings } = parsed;
  const problem = deviceIdProblem(settings.target, settings.deviceIdType);
  if (problem !== undefined) return { settings, problems: [problem] };
  const problems = expressionProblems(RED, node, settings, ['state', 'deviceId', 'msgId']);
  return problems.length > 0
    ? { settings, problems }
    : { settings, read: commandReader(RED, node, settings), problems: [] };
}
