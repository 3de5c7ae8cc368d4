/** Many worlds, one after the other, and the sum of their figures. */
import { figuresOf, type WorldFigures } from './world-figures';

export interface CampaignLimits {
  readonly firstSeed: number;
  /** It ends with the first limit that is reached. */
  readonly worlds: number;
  readonly toggles: number;
  readonly deviceHours: number;
  readonly cpuSeconds?: number;
}

export interface CampaignResult {
  readonly summary: string;
  /** The seed that broke a law. */
  readonly brokenBy: number | undefined;
  /** What that was. */
  readonly law: string | undefined;
  readonly digest: string;
}

export interface CampaignOptions {
  /** Where the worlds are run, in the order of their seeds; in this process if absent. */
  readonly worldsFrom?: (firstSeed: number) => AsyncIterable<WorldFigures>;
  /** Ends the campaign after the world that is under way. */
  readonly signal?: AbortSignal;
  /** Told of the sum after each world. */
  readonly onWorld?: (sum: CampaignSum) => void;
}

const MS_PER_HOUR = 3_600_000;

/** The same worlds have the same sum and digest, wherever they were run; only the time differs that they took. */
export async function campaign(limits: CampaignLimits, options: CampaignOptions = {}): Promise<CampaignResult> {
  const { worldsFrom = worldsHere, signal, onWorld } = options;
  const sum = new CampaignSum(limits.firstSeed);
  for await (const figures of worldsFrom(limits.firstSeed)) {
    sum.add(figures);
    onWorld?.(sum);
    if (figures.law !== undefined || signal?.aborted || sum.hasReached(limits)) break;
  }
  return sum;
}

async function* worldsHere(firstSeed: number): AsyncGenerator<WorldFigures> {
  for (let seed = firstSeed; ; seed += 1) yield await figuresOf(seed);
}

export class CampaignSum implements CampaignResult {
  digest = '';
  law: string | undefined;
  brokenBy: number | undefined;
  private readonly outcomes = new Map<string, number>();
  private worlds = 0;
  private toggles = 0;
  private deviceMs = 0;
  private cpuSeconds = 0;

  constructor(private readonly firstSeed: number) {}

  add({ seed, toggles, deviceMs, cpuSeconds, digest, outcomes, law }: WorldFigures): void {
    this.worlds += 1;
    this.toggles += toggles;
    this.deviceMs += deviceMs;
    this.cpuSeconds += cpuSeconds;
    this.digest = combined(this.digest, digest);
    for (const [outcome, count] of outcomes) this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + count);
    if (law === undefined) return;
    this.brokenBy = seed;
    this.law = `${law} (seed ${seed})`;
  }

  hasReached({ worlds, toggles, deviceHours, cpuSeconds = Infinity }: CampaignLimits): boolean {
    return (
      this.worlds >= worlds ||
      this.toggles >= toggles ||
      this.deviceMs >= deviceHours * MS_PER_HOUR ||
      this.cpuSeconds >= cpuSeconds
    );
  }

  get summary(): string {
    const { firstSeed, worlds, toggles, cpuSeconds } = this;
    const shares = [...this.outcomes].map(([outcome, count]) => `${outcome} ${count}`).join(', ');
    return [
      `seeds ${firstSeed} to ${firstSeed + worlds - 1}: ${toggles} toggles (${shares}),`,
      `${(this.deviceMs / MS_PER_HOUR).toFixed(1)} device-hours in ${cpuSeconds.toFixed(1)} s of CPU time`,
      `(${Math.round(toggles / cpuSeconds)} toggles per second), digest ${this.digest},`,
      this.brokenBy === undefined ? 'no law broken' : 'a law broken',
    ].join(' ');
  }
}

/** One digest for several: the same if, and only if, all are the same. */
function combined(all: string, next: string): string {
  let hash = 0xcbf29ce4;
  for (const char of all + next) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0') + next.slice(0, 8);
}
