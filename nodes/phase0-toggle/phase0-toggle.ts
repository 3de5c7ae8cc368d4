/** The phase0-toggle node: registration, its two events, and the button on the canvas. */
import { onPost, pressedNode } from '../admin';
import type { Config, Message, Node, NodeApi } from '../red';
import { watchStops } from '../stopping-flows';
import { rememberedVerdictWords } from '../verdict-words';
import { DeployedToggle } from './deployed-toggle';

interface ToggleNode extends Node {
  /** Where in a message it looks for the state, if it does. */
  stateProperty?: string;
}

export = function register(RED: NodeApi): void {
  const verdictWords = rememberedVerdictWords(RED);

  function createToggle(this: ToggleNode, config: Config): void {
    RED.nodes.createNode(this, config);
    const toggle = new DeployedToggle(RED, this, config, verdictWords);
    if (toggle.stateProperty !== undefined) this.stateProperty = toggle.stateProperty;
    this.on('input', (msg, send, done) => toggle.input(msg, send, done));
    this.on('close', (_removed, done) => void toggle.close().then(done));
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
