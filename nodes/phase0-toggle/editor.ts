/** Editor definition of phase0-toggle: defaults, label and dialog behaviour. */
import { defaultsFrom } from '../editor/defaults';
import { openForm, saveForm, showDefaults } from '../editor/open-form';
import { buttonFor } from '../editor/press';
import { translateStatuses } from '../editor/status-texts';
import { TARGET_ROWS, targetLabel, targetNodes } from '../editor/target-rows';
import { ownType, typedInput } from '../editor/typed-input';
import { INVENTORY_PHRASES } from '../phase0-inventory/status-texts';
import { FORM } from './form';
import { STATUS_PHRASES } from './status-texts';

translateStatuses('phase0-toggle', [...STATUS_PHRASES, ...INVENTORY_PHRASES]);

RED.nodes.registerType('phase0-toggle', {
  category: 'phase0',
  color: '#9fc5c9',
  defaults: defaultsFrom(FORM, targetNodes(FORM)),
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
    const idOfDevice = ownType('device', text('device'));
    typedInput(this, 'deviceId', [idOfDevice, 'str', 'msg', 'flow', 'global', 'jsonata', 'env']);
    typedInput(this, 'msgId', [ownType('auto', text('auto')), 'msg', 'flow', 'global', 'jsonata']);
    const read = openForm(FORM, this, TARGET_ROWS);
    // An inventory and a fleet have no id of their own.
    $('#node-input-target').on('change', () => {
      if (!['inventory', 'fleet'].includes(read('target')) || read('deviceIdType') !== 'device') return;
      $('#node-input-deviceId').typedInput('type', 'msg').typedInput('value', 'topic');
    });
  },
  oneditsave() {
    saveForm(FORM, this);
  },
});
