/** Layout of the phase0-toggle dialog. The build makes its static markup from it. */
import { TOP, type Form } from '../editor/form';
import { fields, meant, migrations } from './settings';

export const FORM: Form = {
  type: 'phase0-toggle',
  prefix: 'node-input',
  fields,
  migrations,
  meant,
  sections: {
    [TOP]: ['target', 'device', 'inventory', 'fleet', 'state', 'name'],
    more: ['deviceId', 'msgId', 'errors'],
  },
};
