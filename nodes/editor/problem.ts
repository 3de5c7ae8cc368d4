/** Validation messages in the language of the editor, with the label of the field. */
import { problemWith } from '../../src/settings/field';
import { translated } from '../phrases';
import { settingPhrases } from '../validation-texts';
import type { Form } from './form';

/** Why the value of a field is not valid; undefined if it is. */
export function problemOf(
  { type, fields }: Pick<Form, 'type' | 'fields'>,
  name: string,
  value: unknown,
): string | undefined {
  const field = fields[name];
  const problem = field && problemWith(name, field, value);
  if (problem === undefined) return undefined;
  return translated(problem, settingPhrases(type, fields), (key, values) => RED._(key, values));
}
