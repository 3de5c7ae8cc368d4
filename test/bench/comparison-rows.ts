/** The figures of a contest, as rows: each mode, with what it is compared with and the goals that were met. */
import type { Figures } from './closed-loop';
import { HOP, MODES, REFUSED, REFUSED_GOAL_MICROSECONDS, type Mode } from './comparison-modes';
import { shown, shownWithSpread, summaryOf, summaryOfPairs, type Summary } from './summary';

interface Measured {
  readonly label: string;
  readonly perSecond: Summary;
  readonly cpuMicroseconds: Summary;
  readonly p99Ms: Summary;
}

/** One that is compared with the base of its mode, round by round. */
interface Compared extends Measured {
  readonly rateRatio: Summary;
  readonly cpuRatio: Summary;
  readonly meetsGoal: boolean;
}

export interface ComparedMode {
  readonly title: string;
  readonly goal: Mode['goal'];
  readonly base: Measured;
  readonly others: readonly Compared[];
}

export interface OwnCost {
  readonly microseconds: Summary;
  readonly hop: Summary;
  readonly goal: number;
}

type Results = ReadonlyMap<string, readonly Figures[]>;

const of = (results: Results, name: string, what: keyof Figures) => (results.get(name) ?? []).map((run) => run[what]);

function measured(results: Results, name: string, label: string): Measured {
  const summary = (what: keyof Figures) => summaryOf(of(results, name, what));
  return {
    label,
    perSecond: summary('perSecond'),
    cpuMicroseconds: summary('cpuMicroseconds'),
    p99Ms: summary('p99Ms'),
  };
}

export function comparedModes(results: Results): ComparedMode[] {
  return MODES.map(({ title, base, others, goal }) => ({
    title,
    goal,
    base: measured(results, base.name, base.nodeRed ? base.name : 'bare loop'),
    others: others.map(({ name, label }) => {
      const ratio = (what: keyof Figures) =>
        summaryOfPairs(of(results, name, what), of(results, base.name, what), (ours, theirs) => ours / theirs);
      const [rateRatio, cpuRatio] = [ratio('perSecond'), ratio('cpuMicroseconds')];
      const meetsGoal = rateRatio.median >= goal.rate && cpuRatio.median <= (goal.cpu ?? Infinity);
      return { ...measured(results, name, label), rateRatio, cpuRatio, meetsGoal };
    }),
  }));
}

/** What the toggle node itself takes for a message that it refuses at once. */
export function ownCost(results: Results): OwnCost {
  const cpu = (name: string) => of(results, name, 'cpuMicroseconds');
  return {
    microseconds: summaryOfPairs(cpu(REFUSED.name), cpu(HOP.name), (refused, hop) => refused - hop),
    hop: summaryOf(cpu(HOP.name)),
    goal: REFUSED_GOAL_MICROSECONDS,
  };
}

/** Rows of the table that is printed. */
export function comparisonRows(modes: readonly ComparedMode[]): string[][] {
  const head = ['', 'toggles/s', 'rate', 'CPU µs', 'CPU', 'p99 ms', 'goal'];
  const rows = modes.flatMap(({ title, base, others, goal }) => {
    const figures = ({ perSecond, cpuMicroseconds, p99Ms }: Measured) =>
      [perSecond, cpuMicroseconds, p99Ms].map(({ median }) => shown(median)) as [string, string, string];
    const [rate, cpu, p99] = figures(base);
    const goals = `≥ ${goal.rate}${goal.cpu === undefined ? '' : `, CPU ≤ ${goal.cpu}`}`;
    return [
      [title],
      [`  ${base.label}`, rate, '', cpu, '', p99],
      ...others.map((each) => {
        const [ownRate, ownCpu, ownP99] = figures(each);
        const ratios = [shownWithSpread(each.rateRatio), shownWithSpread(each.cpuRatio)] as const;
        return [
          `  ${each.label}`,
          ownRate,
          ratios[0],
          ownCpu,
          ratios[1],
          ownP99,
          `${goals} ${each.meetsGoal ? '✔' : '✘'}`,
        ];
      }),
    ];
  });
  return [head, ...rows];
}
