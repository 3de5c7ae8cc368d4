/** Texts of validation messages, as the settings make them in English. Browser-safe; a test compares. */
import { deviceFields } from '../src/settings/device';

export const VALIDATION_TEXTS = {
  required: '__name__ is required: __accepts__',
  mustBe: '__name__ must be __accepts__, not __value__',
  unset: '__name__ must be __accepts__, not __value__ (that environment variable is not set)',
  integer: 'a whole number from __min__ to __max__',
  integerUnit: 'a whole number from __min__ to __max__ (__unit__)',
  decimal: 'a number from __min__ to __max__',
  text: 'text of __min__ to __max__ characters',
  textMax: 'text of at most __max__ characters',
  choice: 'one of __options__',
  flag: 'true or false',
  host: deviceFields.host.accepts,
  path: 'a path of at most 200 characters that begins with / and has no spaces, ? or #, ASCII only',
  unitToggles: 'toggles',
  unitOff: '__unit__, 0 = off',
} as const;
