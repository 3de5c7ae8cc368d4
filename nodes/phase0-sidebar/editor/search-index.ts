/**
 * Keeps the editor's search from changing every object. It files each node under each text of its properties, as a
 * property of a plain object: under `__proto__`, such as the device id of a row, that is the prototype of all objects,
 * whose loops would go through the node. The editor would not even load.
 */

const KINDS = ['flows', 'subflows', 'groups', 'nodes'];

/** To be called before flows are loaded, and after the search was set up: its listeners are called in that order. */
export function guardSearchIndex(): void {
  for (const kind of KINDS) {
    for (const what of ['add', 'change']) RED.events.on(`${kind}:${what}`, ({ id }) => removeFromPrototype(id));
  }
}

function removeFromPrototype(id: string): void {
  const all = Object.prototype as Record<string, unknown>;
  // What the language itself has there is not enumerable.
  if (Object.prototype.propertyIsEnumerable.call(all, id)) delete all[id];
}
