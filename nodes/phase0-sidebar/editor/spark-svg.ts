/** Sparkline of a device: a bar for each of the last toggles, as high as its latency, coloured by its outcome. */
import { scaleLog } from 'd3-scale';
import { svg, type SVGTemplateResult } from 'lit-html';
import type { VerdictOutcome } from '../../../src/outcomes';
import { OUTCOMES, readSpark } from '../../../src/trace/spark';

const BARS = 60;
const HEIGHT = 16;
/** From 0.1 ms to 10 s, above which every bar has the full height. */
const height = scaleLog().domain([100, 10_000_000]).range([3, HEIGHT]).clamp(true);

/** One path for each outcome that occurs: 60 elements in each of 40 lines would cost more to draw than all else. */
export function sparkPaths(spark: string): ReadonlyMap<VerdictOutcome, string> {
  const points = readSpark(spark).slice(-BARS);
  const paths = new Map<VerdictOutcome, string>();
  points.forEach(({ outcome, us }, index) => {
    const x = BARS - points.length + index + 0.5;
    const bar = `M${x},${HEIGHT}V${(HEIGHT - height(Math.max(1, us))).toFixed(1)}`;
    paths.set(outcome, (paths.get(outcome) ?? '') + bar);
  });
  return paths;
}

export function sparkSvg(paths: ReadonlyMap<VerdictOutcome, string>): SVGTemplateResult[] {
  return OUTCOMES.map((outcome) => svg`<path class="phase0-${outcome}" d=${paths.get(outcome) ?? ''}></path>`);
}

/** For those who do not see it: how many of the last toggles had which outcome. */
export function sparkCounts(spark: string): ReadonlyMap<VerdictOutcome, number> {
  const counts = new Map<VerdictOutcome, number>();
  for (const { outcome } of readSpark(spark)) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return counts;
}
