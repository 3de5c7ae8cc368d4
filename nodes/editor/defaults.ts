/** `defaults` for Node-RED's editor, derived from the declared fields. */
import { isEnvReference, type Field } from '../../src/settings/field';
import { latestVersion, upToDate } from '../saved';
import type { Form } from './form';
import { problemOf } from './problem';

interface EditorProperty {
  readonly value: unknown;
  /** A config node is chosen, of this type. */
  readonly type?: string;
  readonly required?: boolean;
  /** The editor shows a message only from a function of two parameters. */
  readonly validate?: (value: unknown, options: unknown) => true | string;
}

/**
 * `defaults` for registerType: value, and the same check and words as the runtime's. None says `required`: with it the
 * editor judges an empty input by itself, passing an empty port (false) or refusing an empty host without a word (true).
 * Config nodes are handed in, not spread around the call: on a spread the flow library's scorer gives a page up.
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
    // What a flow saved by an older version lacks takes its default, as in the runtime.
    validate: (value, _options) => isEnvReference(value) || (problemOf(form, name, value ?? field.default) ?? true),
  };
}

/** A property as the runtime takes it: what a flow lacks is the default. */
export function propertyOf({ fields, migrations }: Form, node: EditorNode, name: string): unknown {
  return upToDate(migrations, node)[name] ?? fields[name]?.default;
}
