/**
 * Where a device node keeps its last confirmed states: in the memory of the process, which outlives deploys, and in the
 * node's context, which outlives restarts if its store is on disk. The default context store is emptied at every close.
 */
import type { StateStore } from '../../src/device/known-states';
import type { Context } from '../red';

type States = Readonly<Record<string, boolean>>;

const KEY = 'confirmedStates';
const inMemory = new Map<string, States>();

/** The store of the device node with this id. */
export function stateStoreOf(nodeId: string, context: Context): StateStore {
  return {
    load: () => {
      const states = inMemory.get(nodeId);
      return states ? Promise.resolve(states) : loadFrom(context);
    },
    save: (states) => {
      inMemory.set(nodeId, states);
      return new Promise((resolve, reject) => {
        context.set(KEY, states, (error) => (error ? reject(asError(error)) : resolve()));
      });
    },
  };
}

/** Forgets what is in memory; Node-RED deletes the context of a removed node itself. */
export function forgetStates(nodeId: string): void {
  inMemory.delete(nodeId);
}

function loadFrom(context: Context): Promise<unknown> {
  return new Promise((resolve, reject) => {
    context.get(KEY, (error, states) => (error ? reject(asError(error)) : resolve(states)));
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
