/** Editor definition of phase0-toggle: defaults, label and dialog behaviour. */
import { isEnvReference } from '../../src/settings/field';
import { defaultsFrom, type EditorProperty } from '../editor/defaults';
import type { ReadInput } from '../editor/form';
import { openForm, saveForm, showDefaults } from '../editor/open-form';
import { problemOf } from '../editor/problem';
import { buttonFor } from '../editor/press';
import { translateStatuses } from '../editor/status-texts';
import { TARGET_ROWS, targetLabel, targetNodes } from '../editor/target-rows';
import { ownType, typedInput } from '../editor/typed-input';
import { inWords } from '../editor/words';
import { INVENTORY_PHRASES } from '../phase0-inventory/status-texts';
import { propertyOf } from '../saved';
import { FORM } from './form';
import { DEVICE_ID_TYPES, deviceIdProblem } from './settings';
import { STATUS_PHRASES } from './status-texts';

/** Where a device id comes from, other than the config node. */
const ID_TYPES = DEVICE_ID_TYPES.filter((type) => type !== 'device');

translateStatuses('phase0-toggle', [...STATUS_PHRASES, ...INVENTORY_PHRASES]);

RED.nodes.registerType('phase0-toggle', {
  category: 'phase0',
  color: '#9fc5c9',
  defaults: defaultsFrom(FORM, properties()),
  inputs: 1,
  outputs: 3,
  icon: 'phase0.svg',
  outputLabels(index: number) {
    return this._(`phase0-toggle.output.${['success', 'failure', 'attempts'][index]}`);
  },
  label() {
    return this.name || (targetLabel(FORM, this) ?? this._('phase0-toggle.paletteLabel'));
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  paletteLabel: 'toggle',
  button: buttonFor('press', (node) => node._('phase0-toggle.pressed', { label: RED.utils.getNodeLabel(node) })),
  oneditprepare() {
    showDefaults(FORM, this);
    const text = (key: string) => this._(`phase0-toggle.choice.${key}`);
    const fixed = ['on', 'off', 'flip'].map((state) => ownType(state, text(state)));
    typedInput(this, 'state', ['msg', 'flow', 'global', 'jsonata', 'env', ...fixed]);
    const ownId = ownType('device', text('device'));
    typedInput(this, 'deviceId', [ownId, ...ID_TYPES]);
    typedInput(this, 'msgId', [ownType('auto', text('auto')), 'msg', 'flow', 'global', 'jsonata']);
    const read = openForm(FORM, this, TARGET_ROWS);
    $('#node-input-target').on('change', () => offerIdTypes(read, ownId));
    offerIdTypes(read, ownId);
  },
  oneditsave() {
    saveForm(FORM, this);
  },
});

/** Properties that are checked against others. */
function properties(): Record<string, EditorProperty> {
  return {
    ...targetNodes(FORM),
    deviceIdType: {
      value: FORM.fields.deviceIdType?.default,
      validate(value, _options) {
        const problem = deviceIdProblem(propertyOf(FORM, this, 'target'), value);
        return problem === undefined
          ? (problemOf(FORM, 'deviceIdType', value ?? 'device') ?? true)
          : inWords(problem, STATUS_PHRASES);
      },
    },
  };
}

/** An inventory and a fleet have no id of their own: the topic takes its place. */
function offerIdTypes(read: ReadInput, ownId: object): void {
  const input = $('#node-input-deviceId');
  // What an environment variable says is not known here.
  if (isEnvReference(read('deviceIdType'))) return;
  const hasOwnId = read('target') === 'device' || isEnvReference(read('target'));
  if (!hasOwnId && read('deviceIdType') === 'device') input.typedInput('type', 'msg').typedInput('value', 'topic');
  input.typedInput('types', hasOwnId ? [ownId, ...ID_TYPES] : ID_TYPES);
}
