/** Registers phase0-device with the editor. */
import { defaultsFrom, propertyOf } from '../editor/defaults';
import { TOP, type Form } from '../editor/form';
import { openForm, saveForm, type ReadInput, type ShownIf } from '../editor/open-form';
import { addTemplate } from '../editor/template';
import { fields, migrations } from './settings';
import { DEVICE_TEST, DeviceTestPanel } from './editor/device-test-panel';
import { showWaits, WAITS } from './editor/waits';

const FORM: Form = {
  type: 'phase0-device',
  prefix: 'node-config-input',
  fields,
  migrations,
  sections: {
    [TOP]: ['deviceId', 'host', 'port', 'name'],
    connection: ['connection', 'reply', 'connectTimeoutMs', 'ioTimeoutMs'],
    retry: ['maxAttempts', 'backoffBaseMs', 'backoffMaxMs', 'jitterMs', 'waits'],
    queue: ['queueMode', 'queueLimit', 'queueTtlMs', 'breakerFailures', 'breakerResetMs'],
    security: ['tls'],
    log: ['packetLog'],
  },
  extra: { waits: WAITS },
  below: DEVICE_TEST,
};
const retries = (read: ReadInput) => read('maxAttempts') !== '1';
const SHOWN_IF: ShownIf = {
  backoffBaseMs: retries,
  backoffMaxMs: retries,
  jitterMs: retries,
  waits: retries,
  breakerResetMs: (read) => read('breakerFailures') !== '0',
};

addTemplate(FORM);
let trial: DeviceTestPanel | undefined;
const endTrial = () => trial?.close();

RED.nodes.registerType('phase0-device', {
  category: 'config',
  defaults: defaultsFrom(FORM, { tls: { value: '', type: 'tls-config', required: false } }),
  label() {
    const address = `${String(this.deviceId)} @ ${String(this.host)}:${String(propertyOf(FORM, this, 'port'))}`;
    // The editor shows a new node before anything is typed.
    return this.name || (this.deviceId === undefined ? 'phase0-device' : address);
  },
  oneditprepare() {
    const read = openForm(FORM, this, SHOWN_IF);
    showWaits(this, read);
    trial = new DeviceTestPanel(this, FORM, read);
  },
  oneditsave() {
    endTrial();
    saveForm(FORM, this);
  },
  oneditcancel: endTrial,
  oneditdelete: endTrial,
});
