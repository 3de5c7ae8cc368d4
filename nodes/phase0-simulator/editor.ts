/** Registers phase0-simulator with the editor. */
import { defaultsFrom, propertyOf } from '../editor/defaults';
import { TOP, type Form } from '../editor/form';
import { openForm, saveForm, type ShownIf } from '../editor/open-form';
import { buttonFor } from '../editor/press';
import { addTemplate } from '../editor/template';
import { fields, migrations } from './settings';

const FORM: Form = {
  type: 'phase0-simulator',
  prefix: 'node-input',
  fields,
  migrations,
  sections: {
    [TOP]: ['mode', 'delayMs', 'failureRate', 'seed', 'reply', 'host', 'port', 'name'],
    security: ['tls'],
  },
};
const SHOWN_IF: ShownIf = {
  delayMs: (read) => ['delay', 'drip'].includes(read('mode')),
  failureRate: (read) => read('mode') === 'flaky',
  seed: (read) => read('mode') === 'flaky',
};

addTemplate(FORM);

RED.nodes.registerType('phase0-simulator', {
  category: 'phase0',
  color: '#d9c7a3',
  defaults: defaultsFrom(FORM, { tls: { value: '', type: 'tls-config', required: false } }),
  inputs: 1,
  outputs: 1,
  icon: 'phase0-simulator.svg',
  label() {
    const [host, port] = ['host', 'port'].map((name) => String(propertyOf(FORM, this, name)));
    return this.name || `simulator ${host}:${port}`;
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  paletteLabel: 'simulator',
  button: buttonFor('next-mode', (node) => node._('phase0-simulator.pressed', { label: RED.utils.getNodeLabel(node) })),
  oneditprepare() {
    openForm(FORM, this, SHOWN_IF);
  },
  oneditsave() {
    saveForm(FORM, this);
  },
});
