/** Registers phase0-device with the editor. */
import { defaultsFrom } from '../editor/defaults';
import { fillMissing } from '../editor/fill-missing';
import { fields } from './settings';

RED.nodes.registerType('phase0-device', {
  category: 'config',
  defaults: { ...defaultsFrom(fields), tls: { value: '', type: 'tls-config', required: false } },
  label() {
    return this.name || `${this.deviceId} @ ${this.host}:${this.port}`;
  },
  oneditprepare() {
    fillMissing(fields, this, 'node-config-input');
  },
});
