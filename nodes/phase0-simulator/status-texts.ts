/** Texts of the simulator's status in English, by their key in the locale files. Browser-safe. */
import { keyOf, phrases, type Phrase } from '../phrases';
import { settingPhrases } from '../validation-texts';
import { fields } from './settings';

export const STATUS_TEXTS = {
  running: '__mode__ · __address__ · packets: __count__',
  addresses: '__open__ of __total__ addresses',
} as const;

/** What a status of this node can be made of. */
export const STATUS_PHRASES: readonly Phrase[] = [
  ...phrases(STATUS_TEXTS, `${keyOf('phase0-simulator')}.status`),
  ...settingPhrases('phase0-simulator', fields),
];
