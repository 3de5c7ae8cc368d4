/** Hostile messages: a route inside Node-RED that hands 40 of them to a node. Plain JavaScript, since it runs there. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What became of one message. */
export interface HostileResult {
  readonly shape: string;
  /** Calls of `done`. */
  readonly done: number;
  /** Errors that the node's own code let through. */
  readonly thrown: readonly string[];
}

const SOURCE = String.raw`
module.exports = function (RED) {
  const deep = (levels) => {
    let value = 1;
    for (let level = 0; level < levels; level += 1) value = { value };
    return value;
  };
  const deepArray = (levels) => {
    let value = 1;
    for (let level = 0; level < levels; level += 1) value = [value];
    return value;
  };
  const throwing = (name, more) =>
    Object.defineProperty({ payload: true, ...more }, name, {
      enumerable: true,
      configurable: true,
      get() {
        throw new Error('getter of ' + name);
      },
    });
  const revoked = (target) => {
    const { proxy, revoke } = Proxy.revocable(target, {});
    revoke();
    return proxy;
  };
  const trap = (name, target) =>
    new Proxy(target || { payload: true }, {
      [name]() {
        throw new Error('trap ' + name);
      },
    });
  const circular = { payload: true };
  circular.self = circular;
  const laterThrowing = (limit) => {
    let reads = 0;
    return Object.defineProperty({ payload: true }, 'late', {
      enumerable: true,
      get() {
        reads += 1;
        if (reads > limit) throw new Error('read too often');
        return 1;
      },
    });
  };
  const SHAPES = {
    'deep object beside a state': () => ({ payload: true, other: deep(3000) }),
    'deep object as payload': () => ({ payload: deep(3000) }),
    'deep array beside a state': () => ({ payload: true, other: deepArray(3000) }),
    'very deep object': () => ({ payload: true, other: deep(100000) }),
    'very deep object as payload': () => ({ payload: deep(100000) }),
    'deep req': () => ({ payload: true, req: deep(3000) }),
    'frozen': () => Object.freeze({ payload: true }),
    'frozen, no state': () => Object.freeze({ payload: 'maybe' }),
    'sealed': () => Object.seal({ payload: true }),
    'not extensible': () => Object.preventExtensions({ payload: 'maybe' }),
    'frozen, with id': () => Object.freeze({ _msgid: 'a', payload: true }),
    'read-only properties': () =>
      Object.defineProperties({ payload: true }, { attempts: { value: 0 }, phase0: { value: 0 }, error: { value: 0 } }),
    'throwing payload': () => throwing('payload'),
    'throwing topic': () => throwing('topic'),
    'throwing reset': () => throwing('reset'),
    'throwing error': () => throwing('error'),
    'throwing mode': () => throwing('mode'),
    'throwing rejectNext': () => throwing('rejectNext'),
    'throwing req': () => throwing('req'),
    'throwing headers': () => throwing('headers'),
    'throwing _msgid': () => throwing('_msgid'),
    'throwing hasOwnProperty': () => throwing('hasOwnProperty'),
    'throwing nested getter': () => ({ payload: true, nested: throwing('inner') }),
    'throwing symbol property': () => throwing(Symbol('s')),
    'getter that throws the second time': () => laterThrowing(1),
    'getter that throws the third time': () => laterThrowing(2),
    'setter that throws': () =>
      Object.defineProperty({ payload: true }, 'phase0', {
        enumerable: true,
        get: () => 1,
        set() {
          throw new Error('setter');
        },
      }),
    'revoked proxy as payload': () => ({ payload: revoked({}) }),
    'revoked proxy beside a state': () => ({ payload: true, other: revoked({}) }),
    'revoked proxy as message': () => revoked({ payload: true }),
    'proxy that throws on get': () => trap('get'),
    'proxy that throws on set': () => trap('set'),
    'proxy that throws on has': () => trap('has'),
    'proxy that throws on ownKeys': () => trap('ownKeys'),
    'proxy that throws on defineProperty': () => trap('defineProperty'),
    'proxy that throws on deleteProperty': () => trap('deleteProperty', { payload: true, req: 1 }),
    'payload with then that never settles': () => ({ payload: { then() {} } }),
    'payload whose then throws': () => ({ payload: throwing('then') }),
    'no prototype, circular': () => Object.assign(Object.create(null), circular, { error: { source: null } }),
    'payload without text': () => ({ payload: Object.create(null), mode: Object.create(null) }),
    'toJSON, toString and valueOf that throw': () => {
      const fail = () => {
        throw null;
      };
      return { payload: { toJSON: fail, toString: fail, valueOf: fail }, topic: Symbol('t'), big: 1n };
    },
    'revoked proxy as list': () => ({ payload: true, topic: revoked([]) }),
    'list with a throwing getter': () => ({ payload: true, topic: Object.defineProperty(['lamp-2'], 1, { get() { throw new Error('item'); } }) }),
    'list with holes': () => ({ payload: true, topic: new Array(5) }),
    'list of thirty thousand': () => ({ payload: true, topic: new Array(30000) }),
    'list of deep arrays': () => ({ payload: true, topic: [deepArray(3000)] }),
    'list of what no text is': () => ({ payload: true, topic: [Symbol('s'), 1n, null, deep(10), () => 1] }),
    'list with long ids': () => ({ payload: true, topic: ['x'.repeat(1e6), '', '\u0000', '\ud800'] }),
    'text of a million ids': () => ({ payload: true, topic: 'a '.repeat(1e6) }),
    'scene with a throwing getter': () => ({ payload: throwing('lamp-2') }),
    'scene of deep states': () => ({ payload: { 'lamp-2': deep(3000), 'lamp-3': revoked({}) } }),
    'scene of ten thousand and one': () => ({
      payload: Object.fromEntries(Array.from({ length: 10001 }, (_, index) => ['lamp-' + index, 'maybe'])),
    }),
    'scene with own __proto__': () => ({ payload: JSON.parse('{"__proto__":true,"constructor":"on","":1}') }),
    'own __proto__': () => JSON.parse('{"payload":true,"__proto__":{"x":1},"constructor":{"prototype":{"x":1}}}'),
  };
  // Calls the input handler as Node-RED does, without what Node-RED itself reads before: that throws for some of these.
  const handTo = async (node, shape, complete) => {
    const msg = SHAPES[shape]();
    const result = { shape, done: 0, thrown: [] };
    // A message that can't be extended is completed as a copy, and so not by the callback.
    node._complete = (completed, error) => {
      result.done += 1;
      return complete.call(node, completed, error);
    };
    try {
      node._inputCallback(
        msg,
        (messages) => node.send(messages),
        (error) => node._complete(msg, error),
      );
    } catch (error) {
      result.thrown.push(String(error && error.message));
    }
    for (let waited = 0; result.done === 0 && waited < 200; waited += 1) await new Promise((next) => setTimeout(next, 10));
    await new Promise(setImmediate);
    return result;
  };
  RED.httpAdmin.post('/hostile', async (request, response) => {
    const node = RED.nodes.getNode(request.body.id);
    const complete = node._complete;
    const results = [];
    for (const shape of Object.keys(SHAPES)) results.push(await handTo(node, shape, complete));
    delete node._complete;
    response.json(results);
  });
};
`;

/** Puts the node into a user directory, before Node-RED starts there. */
export function installHostileMessages(userDir: string): void {
  const folder = join(userDir, 'nodes');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'hostile.js'), SOURCE);
  writeFileSync(join(folder, 'hostile.html'), '<script type="text/javascript"></script>');
}
