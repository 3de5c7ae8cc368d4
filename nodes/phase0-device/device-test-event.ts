/** Events of a device test, one per line of the response that the dialog reads. Types only; browser-safe. */
import type { Address } from '../../src/causes';
import type { AttemptReport, AttemptStart } from '../../src/observer';
import type { Verdict } from '../../src/verdict';

/** Each attempt as it begins and as it ends, and last the verdict. */
export type DeviceTestEvent =
  | ({ readonly event: 'started' } & AttemptStart)
  | ({ readonly event: 'ended' } & AttemptReport)
  | ({
      readonly event: 'verdict';
      /** The address that was tried, when the settings are valid. */
      readonly address?: Address;
    } & Verdict);
