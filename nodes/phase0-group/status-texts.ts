/** Texts of the group's status in English, by their key in the locale files. Browser-safe. */
import { CAUSE_NAMES } from '../../src/cause-names';
import { deviceFields } from '../../src/settings/device';
import { fleetFields } from '../../src/settings/fleet';
import { keyOf, phrases, SHARED, type Phrase } from '../phrases';
import { MISSING_TEXTS } from '../targets';
import { settingPhrases } from '../validation-texts';
import { fields } from './settings';

export const STATUS_TEXTS = {
  count: '__done__ of __total__',
  all: '__count__ · __ms__ ms',
  trouble: '__count__ · __deviceId__: __reason__',
  troubles: '__count__ · __deviceId__: __reason__ (+__more__)',
  noMembers: 'no members',
  ...MISSING_TEXTS,
} as const;

/** What a status of this node can be made of. */
export const STATUS_PHRASES: readonly Phrase[] = [
  ...phrases(STATUS_TEXTS, `${keyOf('phase0-group')}.status`),
  ...settingPhrases('phase0-group', fields),
  ...settingPhrases('phase0-device', deviceFields),
  ...settingPhrases('phase0-fleet', fleetFields),
  { english: 'url', key: `${keyOf('phase0-fleet')}.label.url` },
  ...Object.entries(CAUSE_NAMES).map(([cause, english]) => ({ english, key: `${SHARED}.cause.${cause}.short` })),
];
