/** Editor definition of phase0-inventory: defaults, label and dialog behaviour. */
import { defaultsFrom } from '../editor/defaults';
import { openForm, saveForm } from '../editor/open-form';
import { InventoryDialog } from './editor/inventory-dialog';
import { devicesProblem } from './editor/devices-problem';
import { FORM } from './form';

let dialog: InventoryDialog | undefined;
const close = () => dialog?.close();

RED.nodes.registerType('phase0-inventory', {
  category: 'config',
  defaults: defaultsFrom(FORM, {
    tls: { value: '', type: 'tls-config', required: false },
    devices: {
      value: [],
      validate(value, _options) {
        return devicesProblem(this, value) ?? true;
      },
    },
  }),
  label() {
    const rows = Array.isArray(this.devices) ? this.devices.length : 0;
    const source = this.source === 'file' ? String(this.file) : this._('phase0-inventory.table.rows', { rows });
    return this.name || (this.source === undefined ? 'phase0-inventory' : source);
  },
  oneditprepare() {
    const read = openForm(FORM, this, { file: (each) => each('source') === 'file' });
    dialog = new InventoryDialog(this, FORM, read);
  },
  oneditsave() {
    if (dialog) this.devices = dialog.devices();
    close();
    saveForm(FORM, this);
  },
  oneditcancel: close,
  oneditdelete: close,
});
