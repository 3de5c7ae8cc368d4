/** What the tests use of the test helper, which comes without types. */
declare module 'node-red-node-test-helper' {
  import type { EventEmitter } from 'node:events';

  interface HelperNode extends EventEmitter {
    receive(msg: object): void;
  }
  const helper: {
    init(runtimePath: string): void;
    load(nodes: readonly unknown[], flow: readonly object[], loaded: () => void): Promise<void>;
    unload(): Promise<void>;
    startServer(done: () => void): void;
    stopServer(done: () => void): void;
    getNode(id: string): HelperNode;
  };
  export default helper;
}
