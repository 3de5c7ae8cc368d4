/** Layout of the phase0-fleet dialog. The build makes its static markup from it. */
import { TOP, type Form } from '../editor/form';
import { BROKER_TEST, PASSWORD, USERNAME } from './editor/markup';
import { fields, migrations } from './settings';

export const FORM: Form = {
  type: 'phase0-fleet',
  prefix: 'node-config-input',
  fields,
  migrations,
  sections: {
    [TOP]: ['url', 'username', 'password', 'name'],
    security: ['tls'],
    waiting: ['connectTimeoutMs', 'queueTtlMs', 'replyTimeoutMs', 'maxInFlight'],
  },
  placeholders: ['url', 'name'],
  extra: { username: USERNAME, password: PASSWORD },
  below: BROKER_TEST,
};
