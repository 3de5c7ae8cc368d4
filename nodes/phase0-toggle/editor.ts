/** Registers phase0-toggle with the editor. */
import { defaultsFrom } from '../editor/defaults';
import { fields } from './settings';

RED.nodes.registerType('phase0-toggle', {
  category: 'phase0',
  color: '#9fc5c9',
  defaults: { ...defaultsFrom(fields), device: { value: '', type: 'phase0-device', required: true } },
  inputs: 1,
  outputs: 3,
  icon: 'phase0.svg',
  align: 'right',
  outputLabels(index: number) {
    return this._(`phase0-toggle.output.${['success', 'failure', 'attempts'][index]}`);
  },
  label() {
    return this.name || RED.nodes.node(this.device)?.label() || this._('phase0-toggle.paletteLabel');
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  paletteLabel: 'toggle',
  oneditprepare() {
    const own = (value: string, label: string) => ({ value, label, hasValue: false });
    const text = (key: string) => this._(`phase0-toggle.choice.${key}`);
    typed('state', [
      'msg',
      'flow',
      'global',
      'jsonata',
      'env',
      own('on', text('on')),
      own('off', text('off')),
      own('flip', text('flip')),
    ]);
    typed('deviceId', [own('device', text('device')), 'str', 'msg', 'flow', 'global', 'jsonata', 'env']);
    typed('msgId', [own('auto', text('auto')), 'msg', 'flow', 'global', 'jsonata']);
  },
});

function typed(property: string, types: readonly unknown[]): void {
  $(`#node-input-${property}`).typedInput({ types, typeField: `#node-input-${property}Type` });
}
