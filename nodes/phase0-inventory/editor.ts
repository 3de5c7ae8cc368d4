/** Editor definition of phase0-inventory: defaults, label and dialog behaviour. */
import { defaultsFrom } from '../editor/defaults';
import { OpenDialogs } from '../editor/open-dialogs';
import { openForm, saveForm } from '../editor/open-form';
import { InventoryDialog } from './editor/inventory-dialog';
import { devicesProblem } from './editor/devices-problem';
import { FORM } from './form';

const dialogs = new OpenDialogs<InventoryDialog>();

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
    dialogs.set(this.id, new InventoryDialog(this, FORM, read));
  },
  oneditresize() {
    dialogs.get(this.id)?.resized();
  },
  oneditsave() {
    const dialog = dialogs.get(this.id);
    if (dialog) this.devices = dialog.devices();
    dialogs.close(this.id);
    saveForm(FORM, this);
  },
  oneditcancel() {
    dialogs.close(this.id);
  },
  oneditdelete() {
    dialogs.close(this.id);
  },
});
