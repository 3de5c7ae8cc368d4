/** Reader of a typed property: from a message, a context or an expression. */
import { systemClock, type Clock } from '../src/clock';
import { errorText } from '../src/printable';
import { show } from '../src/settings/show';
import { onStop } from './on-stop';
import type { Message, Node, NodeApi } from './red';

/**
 * Reads a property for one message; rejects when it cannot be evaluated, is not in time, or `signal` aborts before. The value
 * is wrapped: a value with a method `then` would otherwise be awaited, and might never settle.
 */
export interface PropertyReader {
  read(msg: Message, signal: AbortSignal): Promise<{ readonly value: unknown }>;
}

/** A context store or an expression that does not answer must not block the messages that come after. */
export const READ_TIMEOUT_MS = 10_000;

/** A setting for each name, and its type. */
type TypedSettings<Name extends string> = Readonly<Record<Name | `${Name}Type`, string>>;

/** Reader of a typed setting whose expression compiles; its errors name the setting and what is `accepted`. */
export class SettingReader<Name extends string> implements PropertyReader {
  private readonly value: string;
  private readonly type: string;
  private readonly expression: unknown;

  constructor(
    private readonly RED: Pick<NodeApi, 'util'>,
    private readonly node: Node,
    settings: TypedSettings<Name>,
    private readonly name: Name,
    private readonly accepted: string,
    private readonly clock: Clock = systemClock,
  ) {
    this.value = settings[name];
    this.type = settings[`${name}Type`];
    // Compiling costs far more than evaluating, so an expression is compiled once.
    if (this.type === 'jsonata') this.expression = RED.util.prepareJSONataExpression(this.value, node);
  }

  read(msg: Message, signal: AbortSignal): Promise<{ readonly value: unknown }> {
    const { RED, clock, expression } = this;
    return new Promise((resolve, reject) => {
      let isSettled = false;
      let stopWaiting = (): void => undefined;
      const settle = (error: unknown, result?: unknown): void => {
        isSettled = true;
        stopWaiting();
        if (error) reject(new Error(this.words(error), { cause: error }));
        else resolve({ value: result });
      };
      if (expression) RED.util.evaluateJSONataExpression(expression, msg, settle);
      else RED.util.evaluateNodeProperty(this.value, this.type, this.node, msg, settle);
      // Most values are there at once.
      if (isSettled) return;
      const cancelLimit = clock.after(READ_TIMEOUT_MS, () => settle(new Error(`no answer in ${READ_TIMEOUT_MS} ms`)));
      const cancelStop = onStop(signal, clock, () => settle(new Error(String(signal.reason))));
      stopWaiting = () => {
        cancelLimit();
        cancelStop();
      };
    });
  }

  private words(error: unknown): string {
    return `${this.name} must be ${this.accepted}, and ${cannotRead(this.value, this.type, error)}`;
  }
}

/** What is wrong with each of these settings that is a JSONata expression and does not compile. */
export function expressionProblems<Name extends string>(
  RED: Pick<NodeApi, 'util'>,
  node: Node,
  settings: TypedSettings<Name>,
  names: readonly Name[],
): string[] {
  return names.flatMap((name) => {
    const value = settings[name];
    if (settings[`${name}Type`] !== 'jsonata') return [];
    try {
      RED.util.prepareJSONataExpression(value, node);
      return [];
    } catch (error) {
      return [`${name} must be a JSONata expression, not ${show(value)} (${errorText(error)})`];
    }
  });
}

/** What cannot be read and why, as in `"msg.payload.x.y" cannot be read (…)`. */
function cannotRead(value: string, type: string, error: unknown): string {
  const path = ['msg', 'flow', 'global'].includes(type) ? `${type}.${value}` : value;
  return `${show(path)} cannot be read (${errorText(error)})`;
}
