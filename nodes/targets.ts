/** What toggle and group nodes can switch by. Browser-safe. */
import type { Saved } from './saved';

/** One device, an inventory of many, or a fleet of workers. */
export const TARGETS = ['device', 'inventory', 'fleet'] as const;
export type Target = (typeof TARGETS)[number];

/**
 * What a hand-made flow means that names a config node, but not which kind it switches by: the usual kind if it names one
 * of these, otherwise the kind that it names.
 */
export function targetMeant(saved: Saved, usual: Target): Target {
  return saved[usual] ? usual : (TARGETS.find((target) => saved[target]) ?? usual);
}

/** Statuses while no such node is chosen, in English, by their key in the locale files. */
export const MISSING_TEXTS = {
  noDevice: 'no device is chosen, or it is disabled or missing',
  noInventory: 'no inventory is chosen, or it is disabled or missing',
  noFleet: 'no fleet is chosen, or it is disabled or missing',
} as const;

export const MISSING_TEXT_OF: Readonly<Record<Target, keyof typeof MISSING_TEXTS>> = {
  device: 'noDevice',
  inventory: 'noInventory',
  fleet: 'noFleet',
};
