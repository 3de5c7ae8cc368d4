/** A test whose answer ends after its first line, as when a proxy between the browser and Node-RED gives it up. */
import type { Page } from 'playwright-core';

export async function endsEarly(page: Page, path: string, press: () => Promise<void>): Promise<void> {
  const url = `**/${path}`;
  const body = '{"event":"started","attempt":1,"maxAttempts":2}\n';
  await page.route(url, (route) => route.fulfill({ status: 200, contentType: 'application/x-ndjson', body }));
  try {
    await Promise.all([page.waitForResponse(url), press()]);
  } finally {
    await page.unroute(url);
  }
}
