/** Layout of the phase0-inventory dialog. The build makes its static markup from it. */
import { TOP, type Form } from '../editor/form';
import { READING, TABLE } from './editor/markup';
import { fields, migrations } from './settings';

export const FORM: Form = {
  type: 'phase0-inventory',
  prefix: 'node-config-input',
  fields,
  migrations,
  sections: {
    [TOP]: ['name', 'source', 'file', 'reading', 'table'],
    connection: ['port', 'connection', 'reply', 'connectTimeoutMs', 'ioTimeoutMs'],
    retry: ['maxAttempts', 'backoffBaseMs', 'backoffMaxMs', 'jitterMs'],
    queue: ['queueMode', 'queueLimit', 'queueTtlMs', 'breakerFailures', 'breakerResetMs'],
    security: ['tls'],
    log: ['packetLog'],
  },
  placeholders: ['name', 'file'],
  extra: { reading: READING, table: TABLE },
};
