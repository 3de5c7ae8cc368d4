/** Validation messages in the language of the editor, with the label of the field. */
import { problemWith } from '../../src/settings/field';
import { keyOf, phrases, SHARED, translated } from '../phrases';
import { VALIDATION_TEXTS } from '../validation-texts';
import type { Form } from './form';

const VALIDATION = phrases(VALIDATION_TEXTS, `${SHARED}.validation`);

/** Why the value of a field is not valid; undefined if it is. */
export function problemOf(
  { type, fields }: Pick<Form, 'type' | 'fields'>,
  name: string,
  value: unknown,
): string | undefined {
  const field = fields[name];
  const problem = field && problemWith(name, field, value);
  if (problem === undefined) return undefined;
  const label = { english: name, key: `${keyOf(type)}.label.${name}` };
  return translated(problem, [...VALIDATION, label], (key, values) => RED._(key, values));
}
