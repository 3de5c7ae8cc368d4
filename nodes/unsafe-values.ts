/** Reading of values that flows bring: a getter, a Proxy or a thrown value may itself throw. */
import type { Message } from './red';

/** A property of a message; undefined when reading it throws. */
export function propertyOf(msg: Message, name: string): unknown {
  try {
    return msg[name];
  } catch {
    return undefined;
  }
}

/**
 * A shallow copy of a message, without the properties that cannot be read. Not by a spread: on Node.js 20 it takes 4 µs to
 * add a property to what a spread has made, and each node behind this one may add several.
 */
export function copyMessage(msg: Message): Message {
  try {
    // Assigned, a property called __proto__ would become the prototype.
    return Object.hasOwn(msg, '__proto__') ? { ...msg } : Object.assign({}, msg);
  } catch {
    return readableProperties(msg);
  }
}

function readableProperties(msg: Message): Message {
  const copy: Message = {};
  for (const name of namesOf(msg)) {
    const value = propertyOf(msg, name);
    // Defined rather than assigned: a property may be called __proto__.
    if (value !== undefined)
      Object.defineProperty(copy, name, { value, configurable: true, enumerable: true, writable: true });
  }
  return copy;
}

function namesOf(msg: Message): string[] {
  try {
    return Object.keys(msg);
  } catch {
    return ['_msgid', 'topic', 'payload'];
  }
}

/** A saved property that should be text: the editor saves text, but a hand-made flow or a variable may contain a number. */
export function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}
