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
  const properties = Object.entries(fields).map(([name, field]) => [name, property(form, name, field)] as const);
  return { ...Object.fromEntries(properties), ...configNodes, settingsVersion: { value: latestVersion(migrations) } };
}

function property(form: Form, name: string, field: Field<unknown>): EditorProperty {
  return {
    value: field.default,
    // An environment variable is known only when the node starts; the runtime checks its value then.
    // A setting that an older flow lacks takes its default, as in the runtime.
    validate: (value, _options) => isEnvReference(value) || (problemOf(form, name, value ?? field.default) ?? true),
  };
}
