/** Editor definition of phase0-toggle: defaults, label and dialog behaviour. */
import { defaultsFrom } from '../editor/defaults';
import { openForm, saveForm, showDefaults, type ShownIf } from '../editor/open-form';
import { buttonFor } from '../editor/press';
import { translateStatuses } from '../editor/status-texts';
import { FORM } from './form';
import { STATUS_PHRASES } from './status-texts';

translateStatuses('phase0-toggle', STATUS_PHRASES);

const SHOWN_IF: ShownIf = {
  device: (read) => read('target') === 'device',
  inventory: (read) => read('target') === 'inventory',
};

RED.nodes.registerType('phase0-toggle', {
  category: 'phase0',
  color: '#9fc5c9',
  defaults: defaultsFrom(FORM, {
    device: {
      value: '',
      type: 'phase0-device',
      required: false,
      validate(value, _options) {
        return this.target === 'inventory' || isThere(value) || this._('phase0-toggle.status.noDevice');
      },
    },
    inventory: {
      value: '',
      type: 'phase0-inventory',
      required: false,
      validate(value, _options) {
        return this.target !== 'inventory' || isThere(value) || this._('phase0-toggle.status.noInventory');
      },
    },
  }),
  inputs: 1,
  outputs: 3,
  icon: 'phase0.svg',
  outputLabels(index: number) {
    return this._(`phase0-toggle.output.${['success', 'failure', 'attempts'][index]}`);
  },
  label() {
    const target = RED.nodes.node(String(this.target === 'inventory' ? this.inventory : this.device));
    return this.name || (target ? RED.utils.getNodeLabel(target) : this._('phase0-toggle.paletteLabel'));
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  paletteLabel: 'toggle',
  button: buttonFor('press', (node) => node._('phase0-toggle.pressed', { label: RED.utils.getNodeLabel(node) })),
  oneditprepare() {
    showDefaults(FORM, this);
    const own = (value: string, label: string) => ({ value, label, hasValue: false });
    const text = (key: string) => this._(`phase0-toggle.choice.${key}`);
    const fixed = ['on', 'off', 'flip'].map((state) => own(state, text(state)));
    typed(this, 'state', ['msg', 'flow', 'global', 'jsonata', 'env', ...fixed]);
    typed(this, 'deviceId', [own('device', text('device')), 'str', 'msg', 'flow', 'global', 'jsonata', 'env']);
    typed(this, 'msgId', [own('auto', text('auto')), 'msg', 'flow', 'global', 'jsonata']);
    const read = openForm(FORM, this, SHOWN_IF);
    // An inventory has no id of its own.
    $('#node-input-target').on('change', () => {
      if (read('target') !== 'inventory' || read('deviceIdType') !== 'device') return;
      $('#node-input-deviceId').typedInput('type', 'msg').typedInput('value', 'topic');
    });
  },
  oneditsave() {
    saveForm(FORM, this);
  },
});

function isThere(id: unknown): boolean {
  return typeof id === 'string' && RED.nodes.node(id) !== null;
}

/** A typed input; its parts are named for screen readers, which its label does not reach. */
function typed(node: EditorNode, property: string, types: readonly unknown[]): void {
  const input = $(`#node-input-${property}`).typedInput({ types, typeField: `#node-input-${property}Type` });
  const name = node._(`phase0-toggle.label.${property}`);
  input.closest('.form-row').find('.red-ui-typedInput-input, button').attr('aria-label', name);
}
