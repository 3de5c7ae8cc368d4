/** A wait for what the page has to ask for. */
import type { Page } from 'playwright-core';

/** Waits until a condition holds that may be a promise; `waitForFunction` takes every promise for true. */
export async function until(page: Page, condition: string): Promise<void> {
  const pause = 'new Promise((resolve) => setTimeout(resolve, 50))';
  await page.evaluate(`(async () => { while (!(await (${condition}))) await ${pause}; })()`);
}
