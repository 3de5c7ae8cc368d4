/** Editor definition of phase0-device: defaults, label and dialog behaviour. */
import { defaultsFrom } from '../editor/defaults';
import type { ReadInput } from '../editor/form';
import { OpenDialogs } from '../editor/open-dialogs';
import { openForm, saveForm, type ShownIf } from '../editor/open-form';
import { propertyOf } from '../saved';
import { FORM } from './form';
import { DeviceTestPanel } from './editor/device-test-panel';
import { showWaits } from './editor/waits';

const retries = (read: ReadInput) => read('maxAttempts') !== '1';
const SHOWN_IF: ShownIf = {
  backoffBaseMs: retries,
  backoffMaxMs: retries,
  jitterMs: retries,
  waits: retries,
  breakerResetMs: (read) => read('breakerFailures') !== '0',
};

const testPanels = new OpenDialogs<DeviceTestPanel>();

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
    testPanels.set(this.id, new DeviceTestPanel(this, FORM, read));
  },
  oneditsave() {
    testPanels.close(this.id);
    saveForm(FORM, this);
  },
  oneditcancel() {
    testPanels.close(this.id);
  },
  oneditdelete() {
    testPanels.close(this.id);
  },
});
