/** Validation messages in the language of the editor, with the label of the field. */
import { problemWith } from '../../src/settings/field';
import { settingPhrases } from '../validation-texts';
import type { Form } from './form';
import { inWords } from './words';

/** Why the value of a field is not valid; undefined if it is. */
export function problemOf(
  { type, fields }: Pick<Form, 'type' | 'fields'>,
  name: string,
  value: unknown,
): string | undefined {
  const field = fields[name];
  const problem = field && problemWith(name, field, value);
  if (problem === undefined) return undefined;
  return inWords(problem, settingPhrases(type, fields));
}
