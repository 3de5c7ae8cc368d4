/** Our ways to switch a device, compared with a bare loop of sockets, and in Node-RED with its own nodes. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { comparisonChart } from './comparison-chart';
import { allContenders } from './comparison-modes';
import { comparedModes, comparisonRows, ownCost } from './comparison-rows';
import { contest, WARM_UP_ROUNDS } from './contest';
import { benchOptions, MACHINE, REPORTS, writeReport } from './options';
import { shown, shownWithSpread, table } from './summary';

/** With `PHASE0_PICTURES=docs/images` the chart of the README is made anew. */
const PICTURES = process.env.PHASE0_PICTURES || REPORTS;

const DEFAULT_ROUNDS = 7;

describe('comparison', function () {
  this.timeout(0);
  const { rounds = DEFAULT_ROUNDS, seconds } = benchOptions();

  it(`each contender in a process of its own, ${rounds} rounds of ${seconds} s by turns, after ${WARM_UP_ROUNDS} to warm up`, async () => {
    const results = await contest(allContenders(), {
      rounds,
      seconds,
      onRound: (round) => console.log(`      ${round < 1 ? 'warm-up' : `round ${round} of ${rounds}`} …`),
    });
    const modes = comparedModes(results);
    const own = ownCost(results);
    console.log(`\n${table(comparisonRows(modes))}\n`);
    const cost = `a message that the toggle node refuses: ${shownWithSpread(own.microseconds)} µs of CPU`;
    console.log(`${cost}, over a hop of ${shown(own.hop.median)} µs (goal: ${own.goal} µs)`);
    console.log(
      `Node.js ${MACHINE.node}, ${MACHINE.cores} cores, ${MACHINE.cpu}; medians, with the lowest and highest round`,
    );

    writeReport('comparison', { rounds, seconds, modes, refused: own, runs: Object.fromEntries(results) });
    const caption = `Medians of ${rounds} rounds, lines from the lowest to the highest round. Node.js ${MACHINE.node}, loopback, ${MACHINE.cores} cores.`;
    writeFileSync(join(PICTURES, 'performance.svg'), comparisonChart(modes, caption));
  });
});
