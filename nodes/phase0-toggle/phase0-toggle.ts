/** Glue of the phase0-toggle node: settings → requests → outputs → close. Decides nothing. */
import { systemClock } from '../../src/clock';
import { onPost, pressedNode } from '../admin';
import type { Config, Message, Node, NodeApi } from '../red';
import { parseSaved } from '../saved';
import type { DeviceNode } from '../phase0-device/device-node';
import { StatusLine } from '../status-line';
import { settingStatus } from './message';
import { Requests } from './requests';
import { fields, migrations } from './settings';

interface ToggleNode extends Node {
  /** Where in a message it looks for the state, if it does. */
  stateProperty?: string;
}

export = function register(RED: NodeApi): void {
  function createToggle(this: Node, config: Config): void {
    RED.nodes.createNode(this, config);
    const translate = (key: string, values: Readonly<Record<string, unknown>>) =>
      RED._(`phase0-toggle.status.${key}`, values);
    const status = new StatusLine((shown) => this.status(shown), systemClock);
    // Looked up anew for each message: a deploy may replace the device while this node lives.
    const device = () => RED.nodes.getNode(config.device ?? '') as DeviceNode | null;
    const noDevice = RED._('phase0-toggle.error.noDevice');
    const parsed = parseSaved(fields, migrations, config);
    if (parsed.ok && parsed.settings.stateType === 'msg') (this as ToggleNode).stateProperty = parsed.settings.state;
    const requests = new Requests(RED, this, parsed, { device, noDevice, status, translate });

    const problem = requests.problem ?? (device() ? device()?.problem : noDevice);
    if (requests.problem !== undefined) this.error(requests.problem);
    if (problem !== undefined) status.set(() => settingStatus(problem, translate));

    this.on('input', (msg, send, done) => {
      if (msg.reset === true) {
        requests.stop('cancelled');
        return done();
      }
      void requests.take(msg, send, done);
    });
    this.on('close', (_removed, done) => {
      void requests.close().then(() => {
        status.close();
        done();
      });
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
