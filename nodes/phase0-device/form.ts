/** Layout of the phase0-device dialog. The build makes its static markup from it. */
import { TOP, type Form } from '../editor/form';
import { DEVICE_TEST, WAITS } from './editor/markup';
import { fields, migrations } from './settings';

export const FORM: Form = {
  type: 'phase0-device',
  prefix: 'node-config-input',
  fields,
  migrations,
  sections: {
    [TOP]: ['deviceId', ['host', 'port'], 'name'],
    connection: ['connection', 'reply', 'connectTimeoutMs', 'ioTimeoutMs'],
    retry: ['maxAttempts', 'backoffBaseMs', 'backoffMaxMs', 'jitterMs', 'waits'],
    queue: ['queueMode', 'queueLimit', 'queueTtlMs', 'breakerFailures', 'breakerResetMs'],
    security: ['tls'],
    log: ['packetLog'],
  },
  placeholders: ['deviceId', 'host', 'name'],
  extra: { waits: WAITS },
  below: DEVICE_TEST,
};
