/** Registers phase0-metrics with the editor. */
import { defaultsFrom, propertyOf } from '../editor/defaults';
import { TOP, type Form } from '../editor/form';
import { openForm, saveForm, type ReadInput } from '../editor/open-form';
import { addTemplate } from '../editor/template';
import { fields, migrations } from './settings';

const FORM: Form = {
  type: 'phase0-metrics',
  prefix: 'node-input',
  fields,
  migrations,
  sections: { [TOP]: ['listen', 'host', 'port', 'path', 'allowedHosts', 'processMetrics', 'name'] },
};
const listens = (read: ReadInput) => read('listen') === 'true';

addTemplate(FORM);

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
    return this.name || (listening ? `${String(host)}:${String(port)}${String(path)}` : 'metrics');
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  paletteLabel: 'metrics',
  oneditprepare() {
    openForm(FORM, this, { host: listens, port: listens, path: listens });
  },
  oneditsave() {
    saveForm(FORM, this);
  },
});
