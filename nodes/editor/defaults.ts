/** `defaults` for Node-RED's editor, derived from the declared fields. */
import { isEnvReference, type Field } from '../../src/settings/field';
import { latestVersion } from '../saved';
import type { Form } from './form';
import { problemOf } from './problem';

export interface EditorProperty {
  readonly value: unknown;
  /** A config node is chosen, of this type. */
  readonly type?: string;
  readonly required?: boolean;
  /** The editor shows a message only from a function of two parameters. */
  readonly validate?: (this: EditorNode, value: unknown, options: unknown) => true | string;
}

/**
 * `defaults` for registerType: value, and the same check and messages as the runtime's. None sets `required`: with it the
 * editor checks an empty input by itself: it accepts an empty port (false) or rejects an empty host without a message (true).
 * Config nodes are a parameter, not spread around the call, because the flow library's scorer cannot read a spread.
 */
export function defaultsFrom(
  form: Form,
  configNodes: Readonly<Record<string, EditorProperty>> = {},
): Record<string, EditorProperty> {
  const { fields, migrations } = form;
  const own = Object.entries(fields).map(([name, field]) => [name, property(form, name, field)] as const);
  const properties = [...own, ...Object.entries(configNodes)].map(
    ([name, each]) => [name, withoutMarkup(each)] as const,
  );
  return { ...Object.fromEntries(properties), settingsVersion: { value: latestVersion(migrations) } };
}

/** What stands for the characters of markup, and reads much the same. */
const LOOKALIKES: Readonly<Record<string, string>> = { '<': '‹', '>': '›', '&': '＆' };

/**
 * The editor shows a message as text in some places, and in its list of config nodes as markup. Messages quote the value,
 * which may come with a flow from elsewhere, and an escaped one would be wrong in the other places.
 */
function withoutMarkup(given: EditorProperty): EditorProperty {
  const { validate } = given;
  if (!validate) return given;
  return {
    ...given,
    validate(value, options) {
      const result = validate.call(this, value, options);
      return result === true ? true : result.replaceAll(/[<>&]/g, (character) => LOOKALIKES[character] ?? '');
    },
  };
}

function property(form: Form, name: string, field: Field<unknown>): EditorProperty {
  return {
    value: field.default,
    // An environment variable is known only when the node starts; the runtime checks its value then.
    // A setting that an older flow lacks takes its default, as in the runtime.
    validate: (value, _options) => isEnvReference(value) || (problemOf(form, name, value ?? field.default) ?? true),
  };
}
