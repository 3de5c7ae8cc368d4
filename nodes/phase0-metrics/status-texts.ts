/** Texts of the metrics node's status in English, by their key in the locale files. Browser-safe. */
import { keyOf, phrases, type Phrase } from '../phrases';
import { settingPhrases } from '../validation-texts';
import { fields } from './settings';

export const STATUS_TEXTS = {
  serving: '__url__ · scrapes: __count__',
  notServing: 'ready, no endpoint of its own',
} as const;

/** What a status of this node can be made of. */
export const STATUS_PHRASES: readonly Phrase[] = [
  ...phrases(STATUS_TEXTS, `${keyOf('phase0-metrics')}.status`),
  ...settingPhrases('phase0-metrics', fields),
];
