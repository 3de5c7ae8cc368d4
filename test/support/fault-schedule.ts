/** What a fault proxy does to each connection: decided by a seed, the number of the connection and the number of the chunk. */
import { seededRandom } from '../../src/simulator/seeded-random';

/** Which faults there are, and how often; a chance is between 0 and 1, and absent means never. */
export interface Faults {
  /** Chance of each chunk to wait, and the longest wait. What comes after it on its connection waits as well. */
  readonly delay?: { readonly chance: number; readonly maxMs: number };
  /** Chance of each chunk to arrive in two pieces. */
  readonly split?: number;
  /** Chance of each chunk to wait for the next one and to arrive with it. */
  readonly coalesce?: number;
  /** Chance of each chunk to arrive twice. */
  readonly duplicate?: number;
  /** Chance of each chunk to arrive with one byte changed. */
  readonly corrupt?: number;
  /** Chance of each chunk to arrive in part, after which its direction ends. */
  readonly truncate?: number;
  /** Chance of each chunk to be lost, with a reset of the connection to both sides. */
  readonly reset?: number;
  /** Chance of each connection that one direction falls silent after some bytes; the other one goes on. */
  readonly halfOpen?: number;
  /** Chance of each connection that it is accepted and nothing passes. */
  readonly blackHole?: number;
  /** Chance of each direction of a connection to be slow. */
  readonly bandwidth?: { readonly chance: number; readonly bytesPerSecond: number };
}

/** Faults of a proxy: those of both directions, and what is different from the client to the device. */
export interface ProxyFaults extends Faults {
  readonly up?: Faults;
}

/** What happens to one chunk. Positions are shares of its length, from 0 to 1. */
export interface ChunkFate {
  readonly waitMs: number;
  readonly splitAt: number | undefined;
  readonly waitsForNext: boolean;
  readonly isDoubled: boolean;
  readonly corruptAt: number | undefined;
  readonly truncateAt: number | undefined;
  readonly resets: boolean;
}

/** What happens to one direction of a connection. */
export interface DirectionPlan {
  /** Bytes that pass before the direction falls silent. */
  readonly silentAfterBytes: number;
  readonly bytesPerSecond: number;
  /** The fate of the next chunk. */
  nextFate(): ChunkFate;
}

export interface ConnectionPlan {
  /** From the client to the device. */
  readonly up: DirectionPlan;
  /** From the device to the client. */
  readonly down: DirectionPlan;
}

/** A direction that falls silent does so within a few packets. */
const SILENT_WITHIN_BYTES = 2000;

/** The plan of the connection with this number, from 1: the same seed gives the same plans. */
export function planFor(seed: number, connection: number, faults: ProxyFaults): ConnectionPlan {
  // Neighbouring seeds give unrelated sequences, so each connection and direction can have its own.
  const base = Math.imul(seed, 0x9e3779b1) + connection * 4;
  const random = seededRandom(base);
  const isHole = random() < (faults.blackHole ?? 0);
  const isHalfOpen = random() < (faults.halfOpen ?? 0);
  const silentUp = random() < 0.5;
  const passedBytes = Math.floor(random() * SILENT_WITHIN_BYTES);
  const silentAfter = (isSilent: boolean) => {
    if (isHole) return 0;
    return isHalfOpen && isSilent ? passedBytes : Infinity;
  };
  return {
    up: direction(seededRandom(base + 1), silentAfter(silentUp), faults.up ? { ...faults, ...faults.up } : faults),
    down: direction(seededRandom(base + 2), silentAfter(!silentUp), faults),
  };
}

function direction(random: () => number, silentAfterBytes: number, faults: Faults): DirectionPlan {
  const { bandwidth } = faults;
  const isSlow = random() < (bandwidth?.chance ?? 0);
  return {
    silentAfterBytes,
    bytesPerSecond: isSlow && bandwidth ? bandwidth.bytesPerSecond : Infinity,
    nextFate: () => fate(random, faults),
  };
}

/** Draws the same count of numbers each time, so that one fault more or less leaves the others where they were. */
function fate(random: () => number, faults: Faults): ChunkFate {
  const happens = (chance = 0) => random() < chance;
  const somewhere = (chance = 0) => {
    const isHit = random() < chance;
    const at = random();
    return isHit ? at : undefined;
  };
  return {
    waitMs: (somewhere(faults.delay?.chance) ?? 0) * (faults.delay?.maxMs ?? 0),
    splitAt: somewhere(faults.split),
    waitsForNext: happens(faults.coalesce),
    isDoubled: happens(faults.duplicate),
    corruptAt: somewhere(faults.corrupt),
    truncateAt: somewhere(faults.truncate),
    resets: happens(faults.reset),
  };
}
