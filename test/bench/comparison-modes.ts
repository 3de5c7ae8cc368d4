/** What the comparison compares: modes, who takes part in each, and the goals. */
import type { Contender } from './contest';

/** Contenders that do the same; the first one is what the others are compared with. */
export interface Mode {
  readonly title: string;
  readonly base: Contender;
  readonly others: readonly (Contender & { readonly label: string })[];
  /** Least ratio of the rate, and highest ratio of the CPU time. */
  readonly goal: { readonly rate: number; readonly cpu?: number };
}

type Connection = 'per-toggle' | 'persistent';

function coreMode(connection: Connection, ids: number, goal: Mode['goal']): Mode {
  const title = `${connection}, ${ids === 1 ? '1 device id' : `${ids} device ids`}`;
  const contender = (who: 'bare' | 'device' | 'device with metrics') => {
    return { name: `${title}: ${who}`, label: who, ids, core: { who, connection } };
  };
  return { title, base: contender('bare'), others: [contender('device'), contender('device with metrics')], goal };
}

const TCP_REQUEST: Contender = {
  name: 'function + tcp request',
  ids: 1,
  nodeRed: { nodes: 'tcp request', connection: 'per-toggle' },
};

function nodeRedMode(connection: Connection, ids: number, goal: Mode['goal']): Mode {
  const title = `Node-RED, ${connection}, ${ids === 1 ? '1 device id' : `${ids} device ids`}`;
  const toggle = { name: `${title}: toggle`, ids, nodeRed: { nodes: 'phase0-toggle', connection } as const };
  return { title, base: TCP_REQUEST, others: [{ ...toggle, label: 'toggle node' }], goal };
}

export const MODES: readonly Mode[] = [
  coreMode('per-toggle', 1, { rate: 0.95, cpu: 1.1 }),
  coreMode('per-toggle', 32, { rate: 0.95, cpu: 1.15 }),
  coreMode('persistent', 1, { rate: 0.9, cpu: 1.2 }),
  coreMode('persistent', 64, { rate: 1, cpu: 1.2 }),
  nodeRedMode('per-toggle', 1, { rate: 1.6 }),
  nodeRedMode('persistent', 1, { rate: 3.5 }),
  nodeRedMode('persistent', 64, { rate: 12 }),
];

/** A message that the toggle node refuses, and one that a node only passes on: the difference is the node's own cost. */
export const REFUSED: Contender = {
  name: 'Node-RED: refused message',
  ids: 64,
  nodeRed: { nodes: 'phase0-toggle', connection: 'persistent', payload: 'neither on nor off' },
};
export const HOP: Contender = {
  name: 'Node-RED: hop',
  ids: 64,
  nodeRed: { nodes: 'hop', connection: 'persistent', payload: 'neither on nor off' },
};
export const REFUSED_GOAL_MICROSECONDS = 10;

/** Each contender once, though several modes may compare with it. */
export function allContenders(): Contender[] {
  const all = [...MODES.flatMap(({ base, others }) => [base, ...others]), HOP, REFUSED];
  return [...new Map(all.map((contender) => [contender.name, contender])).values()];
}
