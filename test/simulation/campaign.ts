/** Many worlds, one after the other, and their figures. */
import { STEPS_PER_WORLD } from './report';
import { runWorld } from './run';
import { drawWorld } from './swarm';

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

const MS_PER_HOUR = 3_600_000;

export async function campaign(limits: CampaignLimits): Promise<CampaignResult> {
  const { firstSeed, cpuSeconds = Infinity } = limits;
  const begin = process.cpuUsage();
  const outcomes = new Map<string, number>();
  let [worlds, toggles, deviceMs, digest] = [0, 0, 0, ''];
  let brokenBy: number | undefined;
  let law: string | undefined;
  const spent = (): number => {
    const { user, system } = process.cpuUsage(begin);
    return (user + system) / 1e6;
  };
  const isDone = (): boolean =>
    worlds >= limits.worlds ||
    toggles >= limits.toggles ||
    deviceMs >= limits.deviceHours * MS_PER_HOUR ||
    spent() >= cpuSeconds;
  while (brokenBy === undefined && !isDone()) {
    const seed = firstSeed + worlds;
    const result = await runWorld(drawWorld(seed, STEPS_PER_WORLD));
    worlds += 1;
    toggles += result.toggles;
    deviceMs += result.deviceMs;
    digest = combined(digest, result.digest);
    for (const [outcome, count] of result.outcomes) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + count);
    const [first] = result.violations;
    if (!first) continue;
    brokenBy = seed;
    law = `${first.law}: ${first.what} (seed ${seed})`;
  }
  const cpu = spent();
  const shares = [...outcomes].map(([outcome, count]) => `${outcome} ${count}`).join(', ');
  const summary = [
    `seeds ${firstSeed} to ${firstSeed + worlds - 1}: ${toggles} toggles (${shares}),`,
    `${(deviceMs / MS_PER_HOUR).toFixed(1)} device-hours in ${cpu.toFixed(1)} s of CPU time`,
    `(${Math.round(toggles / cpu)} toggles per second), digest ${digest},`,
    brokenBy === undefined ? 'no law broken' : 'a law broken',
  ].join(' ');
  return { summary, brokenBy, law, digest };
}

/** One digest for several: the same if, and only if, all are the same. */
function combined(all: string, next: string): string {
  let hash = 0xcbf29ce4;
  for (const char of all + next) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0') + next.slice(0, 8);
}
