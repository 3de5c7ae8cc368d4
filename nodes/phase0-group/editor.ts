/** Editor definition of phase0-group: defaults, label and dialog behaviour. */
import { defaultsFrom } from '../editor/defaults';
import { openForm, saveForm, showDefaults } from '../editor/open-form';
import { translateStatuses } from '../editor/status-texts';
import { TARGET_ROWS, targetLabel, targetNodes } from '../editor/target-rows';
import { ownType, typedInput } from '../editor/typed-input';
import { INVENTORY_PHRASES } from '../phase0-inventory/status-texts';
import { FORM } from './form';
import { STATUS_PHRASES } from './status-texts';

translateStatuses('phase0-group', [...STATUS_PHRASES, ...INVENTORY_PHRASES]);

RED.nodes.registerType('phase0-group', {
  category: 'phase0',
  color: '#9fc5c9',
  defaults: defaultsFrom(FORM, targetNodes(FORM)),
  inputs: 1,
  outputs: 3,
  icon: 'phase0-group.svg',
  outputLabels(index: number) {
    return this._(`phase0-group.output.${['all', 'notAll', 'members'][index]}`);
  },
  label() {
    const members = this.membersType === 'str' ? String(this.members) : '';
    return this.name || members || (targetLabel(FORM, this) ?? this._('phase0-group.paletteLabel'));
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  paletteLabel: 'group',
  oneditprepare() {
    showDefaults(FORM, this);
    const fixed = ['on', 'off', 'flip'].map((state) => ownType(state, this._(`phase0-group.choice.${state}`)));
    typedInput(this, 'members', ['msg', 'str', 'flow', 'global', 'jsonata', 'env']);
    typedInput(this, 'state', ['msg', 'flow', 'global', 'jsonata', 'env', ...fixed]);
    openForm(FORM, this, TARGET_ROWS);
  },
  oneditsave() {
    saveForm(FORM, this);
  },
});
