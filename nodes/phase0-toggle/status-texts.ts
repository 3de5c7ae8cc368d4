/** Texts of the toggle's status in English, by their key in the locale files. Browser-safe. */
import { CAUSE_NAMES } from '../../src/cause-names';
import { deviceFields } from '../../src/settings/device';
import { fleetFields } from '../../src/settings/fleet';
import { keyOf, phrases, SHARED, type Phrase } from '../phrases';
import { MISSING_TEXTS } from '../targets';
import { settingPhrases } from '../validation-texts';
import { fields, ID_TEXTS } from './settings';

export const STATUS_TEXTS = {
  attempt: 'attempt __attempt__/__max__',
  retry: 'retry __attempt__/__max__ in __seconds__ s',
  on: 'on',
  off: 'off',
  beforeRestart: '__state__ (before restart)',
  confirmed: '__state__ · __ms__ ms',
  failed: '__reason__ · __attempts__ attempts',
  failedOnce: '__reason__ · 1 attempt',
  circuitOpen: 'circuit open',
  circuitOpened: 'circuit open · __reason__',
  waiting: '__count__ waiting',
  notKept: '__state__ · __ms__ ms · connection not kept',
  connected: 'connected',
  notConnected: 'not connected',
  stateNotConnected: '__state__ · not connected',
  group: '__on__ of __count__ on',
  trouble: '__state__ · __deviceId__: __reason__',
  troubles: '__state__ · __deviceId__: __reason__ (+__more__)',
  ...MISSING_TEXTS,
  ...ID_TEXTS,
} as const;

/** What a status of this node can be made of. */
export const STATUS_PHRASES: readonly Phrase[] = [
  ...phrases(STATUS_TEXTS, `${keyOf('phase0-toggle')}.status`),
  ...settingPhrases('phase0-toggle', fields),
  ...settingPhrases('phase0-device', deviceFields),
  ...settingPhrases('phase0-fleet', fleetFields),
  { english: 'url', key: `${keyOf('phase0-fleet')}.label.url` },
  ...Object.entries(CAUSE_NAMES).map(([cause, english]) => ({
    english,
    key: `${SHARED}.cause.${cause}.short`,
  })),
];
