/** Reader of a typed property: from a message, a context or an expression. */
import { errorText } from '../src/printable';
import { show } from '../src/settings/show';
import type { Message, Node, NodeApi } from './red';

/**
 * Reads the property for one message; rejects when it cannot be evaluated. The value is wrapped: a value with a method
 * `then` would otherwise be awaited, and might never settle.
 */
export type ReadProperty = (msg: Message) => Promise<{ readonly value: unknown }>;

/**
 * A reader for a typedInput's value; `words` says what it could not read. Throws when a JSONata expression does not
 * compile.
 */
export function propertyReader(
  RED: NodeApi,
  node: Node,
  value: string,
  type: string,
  words: (error: unknown) => string = errorText,
): ReadProperty {
  // Compiling costs far more than evaluating, so an expression is compiled once.
  const expression = type === 'jsonata' ? RED.util.prepareJSONataExpression(value, node) : undefined;
  return (msg) =>
    new Promise((resolve, reject) => {
      const settle = (error: unknown, result?: unknown) =>
        error ? reject(new Error(words(error), { cause: error })) : resolve({ value: result });
      if (expression) RED.util.evaluateJSONataExpression(expression, msg, settle);
      else RED.util.evaluateNodeProperty(value, type, node, msg, settle);
    });
}

/** What is wrong with the expression of a property, with the name of the property; undefined when it compiles or is none. */
export function expressionProblem(
  RED: NodeApi,
  node: Node,
  name: string,
  value: string,
  type: string,
): string | undefined {
  if (type !== 'jsonata') return undefined;
  try {
    RED.util.prepareJSONataExpression(value, node);
    return undefined;
  } catch (error) {
    return `${name} must be a JSONata expression, not ${show(value)} (${errorText(error)})`;
  }
}

/** What cannot be read and why, as in `"msg.payload.x.y" cannot be read (…)`. */
export function cannotRead(value: string, type: string, error: unknown): string {
  const path = ['msg', 'flow', 'global'].includes(type) ? `${type}.${value}` : value;
  return `${show(path)} cannot be read (${errorText(error)})`;
}
