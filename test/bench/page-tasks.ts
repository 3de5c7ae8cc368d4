/** The longest task of a page, by the clock and by the processor: a busy machine makes only the first one longer. */
import type { Browser, Page } from 'playwright-core';

export interface LongestTask {
  readonly wallMs: number;
  readonly cpuMs: number;
}

const CATEGORY = 'disabled-by-default-devtools.timeline';
const WATCH = `(() => {
  window.longTasks = [];
  new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: 'longtask' });
})()`;

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Time of the thread, in µs. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** To be called once, when the page was loaded. */
export async function watchTasks(page: Page): Promise<void> {
  await page.evaluate(WATCH);
}

/** Tasks that take less than 50 ms by the clock count as 0 there. */
export async function longestTask(browser: Browser, page: Page, during: () => Promise<void>): Promise<LongestTask> {
  await page.evaluate('window.longTasks.length = 0');
  await browser.startTracing(page, { categories: [CATEGORY, '__metadata'] });
  await during();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const wall = await page.evaluate<number[]>('window.longTasks');
  const isMain = (event: TraceEvent) => event.name === 'thread_name' && event.args?.name === 'CrRendererMain';
  const threads = new Set(traceEvents.filter(isMain).map(({ pid, tid }) => `${pid} ${tid}`));
  let cpuUs = 0;
  for (const { name, pid, tid, tdur = 0 } of traceEvents)
    if (name === 'RunTask' && threads.has(`${pid} ${tid}`)) cpuUs = Math.max(cpuUs, tdur);
  return { wallMs: Math.max(0, ...wall), cpuMs: cpuUs / 1000 };
}
