/** Layout of the phase0-simulator dialog. The build makes its static markup from it. */
import { TOP, type Form } from '../editor/form';
import { fields, migrations } from './settings';

export const FORM: Form = {
  type: 'phase0-simulator',
  prefix: 'node-input',
  fields,
  migrations,
  sections: {
    [TOP]: ['inventory', 'mode', 'delayMs', 'failureRate', 'seed', 'reply', ['host', 'port'], 'name'],
    security: ['tls'],
  },
};
