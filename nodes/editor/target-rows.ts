/** The choice of what a node switches by: a device, an inventory of many, or a fleet. */
import { isEnvReference } from '../../src/settings/field';
import { propertyOf } from '../saved';
import { MISSING_TEXT_OF, TARGETS, type Target } from '../targets';
import type { EditorProperty } from './defaults';
import type { Form, ReadInput } from './form';
import type { ShownIf } from './open-form';

/** Shows the row of the chosen kind alone; all of them where an environment variable chooses. */
export const TARGET_ROWS: ShownIf = Object.fromEntries(
  TARGETS.map((target) => [target, (read: ReadInput) => read('target') === target || isEnvReference(read('target'))]),
);

/** A config node of each kind, of which the chosen one must be there. */
export function targetNodes(form: Form): Record<Target, EditorProperty> {
  const property = (target: Target): EditorProperty => ({
    value: '',
    type: `phase0-${target}`,
    required: false,
    validate(value, _options) {
      const isWanted = propertyOf(form, this, 'target') === target;
      return !isWanted || isThere(value) || this._(`${form.type}.status.${MISSING_TEXT_OF[target]}`);
    },
  });
  return { device: property('device'), inventory: property('inventory'), fleet: property('fleet') };
}

/** The label of the config node that a node switches by, if it is there. */
export function targetLabel(form: Form, node: EditorNode): string | undefined {
  const target = RED.nodes.node(String(node[String(propertyOf(form, node, 'target'))]));
  return target ? RED.utils.getNodeLabel(target) : undefined;
}

function isThere(id: unknown): boolean {
  return typeof id === 'string' && RED.nodes.node(id) !== null;
}
