/** Owns reading a typed property of a message, a context or an expression. */
import type { Message, Node, NodeApi } from '../red';

/** Reads the property for one message; rejects when it cannot be evaluated. */
export type ReadProperty = (msg: Message) => Promise<unknown>;

/** A reader for a typedInput's value. Throws when a JSONata expression does not compile. */
export function propertyReader(RED: NodeApi, node: Node, value: string, type: string): ReadProperty {
  // Compiling costs far more than evaluating, so an expression is compiled once.
  const expression = type === 'jsonata' ? RED.util.prepareJSONataExpression(value, node) : undefined;
  return (msg) =>
    new Promise((resolve, reject) => {
      const settle = (error: unknown, result?: unknown) => (error ? reject(asError(error)) : resolve(result));
      if (expression) RED.util.evaluateJSONataExpression(expression, msg, settle);
      else RED.util.evaluateNodeProperty(value, type, node, msg, settle);
    });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String((error as { message?: unknown })?.message ?? error));
}
