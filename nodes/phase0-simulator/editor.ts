/** Registers phase0-simulator with the editor. */
import { defaultsFrom } from '../editor/defaults';
import { fields } from './settings';

RED.nodes.registerType('phase0-simulator', {
  category: 'phase0',
  color: '#d9c7a3',
  defaults: { ...defaultsFrom(fields), tls: { value: '', type: 'tls-config', required: false } },
  inputs: 1,
  outputs: 1,
  icon: 'phase0-simulator.svg',
  label() {
    return this.name || `simulator ${this.host}:${this.port}`;
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  paletteLabel: 'simulator',
  oneditprepare() {
    const mode = $('#node-input-mode');
    const showWhatApplies = () => {
      $('#phase0-simulator-delay').toggle(['delay', 'drip'].includes(mode.val()));
      $('#phase0-simulator-flaky').toggle(mode.val() === 'flaky');
    };
    mode.on('change', showWhatApplies);
    showWhatApplies();
  },
});
