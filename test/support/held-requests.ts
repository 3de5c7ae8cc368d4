/** Requests of a page that wait, so that a test sees the page before their answers. */
import type { Page } from 'playwright-core';

/** Holds the requests to `url`; what is returned lets them go on, and later ones pass. */
export async function holdRequests(page: Page, url: RegExp): Promise<() => Promise<void>> {
  const held: (() => Promise<void>)[] = [];
  await page.route(url, (route) => void held.push(() => route.continue()));
  return async () => {
    await Promise.all(held.map((goOn) => goOn()));
    await page.unroute(url);
  };
}
