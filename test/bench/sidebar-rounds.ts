/** Rounds of the sidebar bench, and which of them count: those in which the machine did nothing else. */
import type { Figures } from './closed-loop';
import { MACHINE } from './options';
import type { LongestTask } from './page-tasks';
import { PER_SECOND } from './sidebar-scene';

/** What the page shows, and the same questions by a client without a browser, while the tab is closed. */
export const VIEWS = ['devices', 'trace', 'devices, no browser', 'trace, no browser'] as const;
export type View = (typeof VIEWS)[number];

export interface Turn extends Figures, LongestTask {
  readonly requests: number;
  /** What the host took from the machine meanwhile. */
  readonly stolenMs: number;
}

/** A turn with the tab open, between two with the tab closed. */
export interface Round {
  readonly open: Turn;
  readonly closed: readonly [Turn, Turn];
}

/** If the toggles do not keep pace while the tab is closed, the machine does other things. */
const LEAST_PACE = 0.97 * PER_SECOND;
/**
 * A hundredth of its processors: what the host takes stops the toggles, and so makes the p99 of a turn. Where that is usual,
 * the rounds count in which it took least.
 */
const MOST_STOLEN_SHARE = 0.01 * MACHINE.cores;

/** Not in pace, while the tab was closed. */
export function isSlow({ closed }: Round): boolean {
  return closed.some(({ perSecond }) => perSecond < LEAST_PACE);
}

function mostStolenMs({ open, closed }: Round): number {
  return Math.max(...[open, ...closed].map((each) => each.stolenMs));
}

export function isDisturbed(round: Round, seconds: number): boolean {
  return mostStolenMs(round) > MOST_STOLEN_SHARE * seconds * 1000;
}

/** So many of them; says where these were disturbed as well. */
export function leastDisturbed(all: readonly Round[], count: number, seconds: number): readonly Round[] {
  const chosen = all.toSorted((a, b) => mostStolenMs(a) - mostStolenMs(b)).slice(0, count);
  const last = chosen.at(-1);
  if (last && isDisturbed(last, seconds)) console.log(`      the host took up to ${mostStolenMs(last)} ms of a turn`);
  return chosen;
}
