/** Texts about wrong settings, as the runtime makes them in English. Browser-safe; a test compares. */
import { deviceFields } from '../src/settings/device';
import type { Fields } from '../src/settings/field';
import { keyOf, phrases, SHARED, type Phrase } from './phrases';

export const VALIDATION_TEXTS = {
  required: '__name__ is required: __accepts__',
  mustBe: '__name__ must be __accepts__, not __value__',
  unset: '__name__ must be __accepts__, not __value__ (environment variable __variable__ is not set)',
  buried:
    '__name__ must be __accepts__, not __value__ (environment variable __variable__ is not set here: it must be the whole value, without spaces)',
  integer: 'a whole number from __min__ to __max__',
  integerUnit: 'a whole number from __min__ to __max__ (__unit__)',
  decimal: 'a number from __min__ to __max__',
  text: 'text of __min__ to __max__ characters',
  textMax: 'text of at most __max__ characters',
  choice: 'one of __options__',
  flag: 'true or false',
  jsonata: 'a JSONata expression',
  host: deviceFields.host.accepts,
  path: 'a path of at most 200 characters that begins with / and has no spaces, ? or #, ASCII only',
  url: 'amqp://host:port/vhost, or amqps://… for TLS, without user and password',
  urlSecrets: 'url must not hold user and password, which have fields of their own',
  urlNotTls: 'the URL of the broker must begin with amqps:// for TLS options',
  unitToggles: 'toggles',
  unitOff: '__unit__, 0 = off',
  several: '__count__ wrong settings: __problem__',
  tlsMissing: 'tls names a tls-config node that is disabled or missing',
  tlsOther: 'tls must name a tls-config node, not a node of type __type__',
  tlsUnreadable: 'tls: the certificates of __value__ cannot be read',
} as const;

/** What a message about a wrong setting of these can be made of. */
export function settingPhrases(type: string, fields: Fields): readonly Phrase[] {
  // The type of a typed input is in no form of its own, and so has no label.
  const labelled = Object.keys(fields).filter((name) => !name.endsWith('Type'));
  return [
    ...phrases(VALIDATION_TEXTS, `${SHARED}.validation`),
    ...labelled.map((name) => ({ english: name, key: `${keyOf(type)}.label.${name}` })),
  ];
}
