/** Editor definition of phase0-fleet: defaults, label and dialog behaviour. */
import { defaultsFrom } from '../editor/defaults';
import { idOf } from '../editor/form';
import { OpenDialogs } from '../editor/open-dialogs';
import { openForm, saveForm } from '../editor/open-form';
import { splitUrl } from './broker-url';
import { BrokerTestPanel } from './editor/broker-test-panel';
import { FORM } from './form';

const testPanels = new OpenDialogs<BrokerTestPanel>();

RED.nodes.registerType('phase0-fleet', {
  category: 'config',
  defaults: defaultsFrom(FORM, { tls: { value: '', type: 'tls-config', required: false } }),
  credentials: { username: { type: 'text' }, password: { type: 'password' } },
  label() {
    const { url } = splitUrl(this.url);
    return this.name || (typeof url === 'string' && url) || 'phase0-fleet';
  },
  oneditprepare() {
    const read = openForm(FORM, this);
    moveSecrets();
    testPanels.set(this.id, new BrokerTestPanel(this, FORM, read));
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

/** A URL that is pasted with user and password gives them to their own inputs, of which the flow file has nothing. */
function moveSecrets(): void {
  const input = (name: string) => $(`#${idOf(FORM, name)}`);
  input('url').on('change', () => {
    const { url, username, password, hadSecrets } = splitUrl(input('url').val());
    if (!hadSecrets) return;
    input('username').val(username).trigger('change');
    input('password').val(password).trigger('change');
    // The editor checks it when it hears of a change.
    input('url').val(String(url)).trigger('input').trigger('change');
  });
}
