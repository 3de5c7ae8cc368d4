/**
 * The sidebar beside 2,000 toggles a second of 5,000 devices: how long tasks of the page are, what the tab costs the
 * toggles, and what it asks for while it is hidden. Rounds with the tab closed and open by turns. `npm run bench --
 * recording` measures the cost of recording alone.
 */
import { execFileSync } from 'node:child_process';
import type { Page } from 'playwright-core';
import type { OpenPage } from '../support/chromium';
import { requires } from '../support/requirements';
import type { Figures } from './closed-loop';
import { benchOptions, writeReport } from './options';
import { longestTask, watchTasks } from './page-tasks';
import { stolenMs } from './stolen-time';
import { isDisturbed, isSlow, leastDisturbed, VIEWS, type Round, type Turn, type View } from './sidebar-rounds';
import { DEVICES, PER_SECOND, PlantUnderLoad, startGateways } from './sidebar-scene';
import { TraceReader } from './trace-reader';
import { shown, shownWithSpread, summaryOf, summaryOfPairs, table } from './summary';

const { rounds, seconds } = benchOptions({ rounds: 5, seconds: 8 });
const MOST_ROUNDS = 3 * rounds;
const MIB = 1024 * 1024;

describe(`sidebar: ${PER_SECOND} toggles a second of ${DEVICES} devices, ${rounds} rounds of ${seconds} s`, function () {
  this.timeout(0);
  const chromium = requires('chromium');
  let gateways: Awaited<ReturnType<typeof startGateways>>;
  before(async () => {
    gateways = await startGateways();
  });
  after(() => gateways.stop());

  it('the tab closed, on its devices, and on its trace, and a client that asks the same, by turns', async () => {
    const plant = await PlantUnderLoad.start(gateways.ports);
    takeIdleTimeOnly();
    const opened = await plant.open(chromium);
    const inPace = Object.fromEntries(VIEWS.map((view) => [view, []])) as unknown as Record<View, Round[]>;
    let slow = 0;
    try {
      await watchTasks(opened.page);
      for (const view of ['closed', ...VIEWS] as const) await turn(plant, opened, view);
      let before = await turn(plant, opened, 'closed');
      for (let round = 0; round < MOST_ROUNDS; round += 1) {
        for (const view of VIEWS) {
          if (inPace[view].filter((each) => !isDisturbed(each, seconds)).length >= rounds) continue;
          const open = await turn(plant, opened, view);
          const after = await turn(plant, opened, 'closed');
          const found: Round = { open, closed: [before, after] };
          if (isSlow(found)) slow += 1;
          else inPace[view].push(found);
          before = after;
        }
      }
    } finally {
      await opened.browser.close();
      await plant.stop();
    }
    if (slow > 0) console.log(`      ${slow} rounds left out: the machine did other things`);
    report(inPace);
  });

  it('memory of Node-RED with the trace and without it, after as many toggles', async () => {
    const bytesWith = async (settings: Readonly<Record<string, unknown>>) => {
      const plant = await PlantUnderLoad.start(gateways.ports, settings);
      try {
        await plant.run(seconds * 1000);
        return await plant.bytes();
      } finally {
        await plant.stop();
      }
    };
    const added = (await bytesWith({})) - (await bytesWith({ phase0: { traceBytes: 0 } }));
    console.log(`      with the trace: ${(added / MIB).toFixed(2)} MiB more (the trace may take 4 MiB)`);
  });
});

/** The browser, and what asks without one, are on another machine in real life: here they take what nobody else needs. */
function takeIdleTimeOnly(): void {
  // For what is started from now on as well. A low priority still takes a tenth of a processor.
  execFileSync('chrt', ['--idle', '--pid', '0', String(process.pid)]);
}

/** The view is open before the toggles begin. */
async function turn(plant: PlantUnderLoad, { browser, page }: OpenPage, view: View | 'closed'): Promise<Turn> {
  const reader = view.endsWith('no browser') ? new TraceReader(plant, view.startsWith('trace')) : undefined;
  await show(page, reader ? 'closed' : view);
  await reader?.start();
  let requests = 0;
  const count = (request: { url(): string }) => {
    if (request.url().includes('/phase0/')) requests += 1;
  };
  page.on('request', count);
  let figures: Figures | undefined;
  const stolenBefore = stolenMs();
  const longest = await longestTask(browser, page, async () => {
    figures = await plant.run(seconds * 1000);
  });
  page.off('request', count);
  await reader?.stop();
  if (!figures) throw new Error('nothing was measured');
  const requestsOfAll = requests + (reader?.requests ?? 0);
  return { ...figures, ...longest, requests: requestsOfAll, stolenMs: stolenMs() - stolenBefore };
}

async function show(page: Page, view: View | 'closed'): Promise<void> {
  if (view === 'closed') {
    await page.evaluate(`RED.sidebar.show('info')`);
    // The tab learns with the next frame that it is hidden.
    return page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  }
  await page.evaluate(`RED.sidebar.show('phase0')`);
  await page.click(`#phase0-tab-${view}`);
  await page.locator(view === 'devices' ? '#phase0-devices [data-index="0"]' : '#phase0-toggle-count').waitFor();
}

function report(inPace: Readonly<Record<View, readonly Round[]>>): void {
  const rows = VIEWS.flatMap((view) => {
    const all = leastDisturbed(inPace[view], rounds, seconds);
    const beside = all.map((round) => (round.closed[0].p99Ms + round.closed[1].p99Ms) / 2);
    const p99Ratio = summaryOfPairs(
      all.map(({ open }) => open.p99Ms),
      beside,
      (open, closed) => open / closed,
    );
    return [
      {
        ...figuresOf(
          'closed',
          all.flatMap(({ closed }) => closed),
        ),
        p99Ratio: undefined,
      },
      {
        ...figuresOf(
          view,
          all.map(({ open }) => open),
        ),
        p99Ratio,
      },
    ];
  });
  const cells = rows.map((row) => [
    row.view,
    shown(row.perSecond.median),
    shown(row.failed.high),
    shownWithSpread(row.p50Ms),
    shownWithSpread(row.p99Ms),
    row.p99Ratio ? shownWithSpread(row.p99Ratio) : '',
    shownWithSpread(row.cpuMicroseconds),
    shownWithSpread(row.taskCpuMs),
    shownWithSpread(row.taskWallMs),
    shownWithSpread(row.requests),
  ]);
  const head = [
    'tab',
    '/s',
    'failed',
    'p50 ms',
    'p99 ms',
    'p99 / closed',
    'µs of CPU',
    'task, CPU ms',
    'task, ms',
    'asked',
  ];
  console.log(table([head, ...cells]).replaceAll(/^/gm, '      '));
  console.log('      goals: p99 / closed at most 1.2, no task of the page over 100 ms, nothing asked while closed');
  writeReport('sidebar', { devices: DEVICES, perSecond: PER_SECOND, rows });
}

function figuresOf(view: View | 'closed', turns: readonly Turn[]) {
  const of = (figure: (turn: Turn) => number) => summaryOf(turns.map(figure));
  return {
    view,
    perSecond: of(({ perSecond }) => perSecond),
    failed: of(({ failed }) => failed),
    p50Ms: of(({ p50Ms }) => p50Ms),
    p99Ms: of(({ p99Ms }) => p99Ms),
    cpuMicroseconds: of(({ cpuMicroseconds }) => cpuMicroseconds),
    taskCpuMs: of(({ cpuMs }) => cpuMs),
    taskWallMs: of(({ wallMs }) => wallMs),
    requests: of(({ requests }) => requests),
  };
}
