/** Ids of the Test in the device dialog. */
const PREFIX = 'phase0-test';

export const TEST_PANEL = {
  on: `${PREFIX}-on`,
  off: `${PREFIX}-off`,
  cancel: `${PREFIX}-cancel`,
  says: `${PREFIX}-says`,
  trace: `${PREFIX}-trace`,
} as const;
