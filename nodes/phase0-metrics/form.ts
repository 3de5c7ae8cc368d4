/** Layout of the phase0-metrics dialog. The build makes its static markup from it. */
import { TOP, type Form } from '../editor/form';
import { fields, migrations } from './settings';

export const FORM: Form = {
  type: 'phase0-metrics',
  prefix: 'node-input',
  fields,
  migrations,
  sections: { [TOP]: ['listen', ['host', 'port'], 'path', 'allowedHosts', 'processMetrics', 'name'] },
};
