/** Registers phase0-metrics with the editor. */
import { defaultsFrom } from '../editor/defaults';
import { fields } from './settings';

RED.nodes.registerType('phase0-metrics', {
  category: 'phase0',
  color: '#c3cfa0',
  defaults: defaultsFrom(fields),
  inputs: 1,
  outputs: 1,
  icon: 'phase0-metrics.svg',
  label() {
    return this.name || (this.listen ? `${this.host}:${this.port}${this.path}` : 'metrics');
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  paletteLabel: 'metrics',
  oneditprepare() {
    const listen = $('#node-input-listen');
    const showAddress = () => {
      $('#phase0-metrics-address').toggle(listen.is(':checked'));
    };
    listen.on('change', showAddress);
    showAddress();
  },
});
