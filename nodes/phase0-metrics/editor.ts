/** Editor definition of phase0-metrics: defaults, label and dialog behaviour. */
import { defaultsFrom } from '../editor/defaults';
import type { ReadInput } from '../editor/form';
import { openForm, saveForm } from '../editor/open-form';
import { translateStatuses } from '../editor/status-texts';
import { propertyOf } from '../saved';
import { FORM } from './form';
import { STATUS_PHRASES } from './status-texts';

translateStatuses('phase0-metrics', STATUS_PHRASES);

/** Or may do so, where an environment variable says it. */
const listens = (read: ReadInput) => read('listen') !== 'false';

RED.nodes.registerType('phase0-metrics', {
  category: 'phase0',
  color: '#c3cfa0',
  defaults: defaultsFrom(FORM),
  inputs: 1,
  outputs: 1,
  icon: 'phase0-metrics.svg',
  label() {
    const [listening, host, port, path] = ['listen', 'host', 'port', 'path'].map((name) =>
      propertyOf(FORM, this, name),
    );
    return this.name || (String(listening) !== 'false' ? `${String(host)}:${String(port)}${String(path)}` : 'metrics');
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  paletteLabel: 'metrics',
  oneditprepare() {
    openForm(FORM, this, { host: listens, port: listens, path: listens, allowedHosts: listens });
  },
  oneditsave() {
    saveForm(FORM, this);
  },
});
