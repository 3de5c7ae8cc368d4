/** Editor definition of phase0-simulator: defaults, label and dialog behaviour. */
import { isEnvReference } from '../../src/settings/field';
import { defaultsFrom } from '../editor/defaults';
import type { ReadInput } from '../editor/form';
import { openForm, saveForm, type ShownIf } from '../editor/open-form';
import { buttonFor } from '../editor/press';
import { translateStatuses } from '../editor/status-texts';
import { propertyOf } from '../saved';
import { FORM } from './form';
import { STATUS_PHRASES } from './status-texts';

translateStatuses('phase0-simulator', STATUS_PHRASES);

/** Whether the mode is one of these, or may be, where an environment variable says it. */
const isMode =
  (...modes: readonly string[]) =>
  (read: ReadInput) =>
    modes.includes(read('mode')) || isEnvReference(read('mode'));

const SHOWN_IF: ShownIf = {
  delayMs: isMode('delay', 'drip'),
  failureRate: isMode('flaky'),
  seed: isMode('flaky'),
  // The rows of an inventory have the addresses.
  host: (read) => !RED.nodes.node(read('inventory')),
};

RED.nodes.registerType('phase0-simulator', {
  category: 'phase0',
  color: '#d9c7a3',
  defaults: defaultsFrom(FORM, {
    tls: { value: '', type: 'tls-config', required: false },
    inventory: { value: '', type: 'phase0-inventory', required: false },
  }),
  inputs: 1,
  outputs: 1,
  icon: 'phase0-simulator.svg',
  label() {
    const inventory = RED.nodes.node(String(this.inventory));
    if (inventory && !this.name) return `simulator ${RED.utils.getNodeLabel(inventory)}`;
    const [host, port] = ['host', 'port'].map((name) => String(propertyOf(FORM, this, name)));
    return this.name || `simulator ${host}:${port}`;
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  paletteLabel: 'simulator',
  button: buttonFor('next-mode', (node, { mode }) => {
    const label = RED.utils.getNodeLabel(node);
    return node._('phase0-simulator.pressed', { label, mode: node._(`phase0-simulator.mode.${String(mode)}`) });
  }),
  oneditprepare() {
    openForm(FORM, this, SHOWN_IF);
  },
  oneditsave() {
    saveForm(FORM, this);
  },
});
