/** Pictures of dialogs, in the folder that `PHASE0_PICTURES` names, or among the reports. */
import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';

export const PICTURES = process.env.PHASE0_PICTURES || 'test-reports';

/** Of the dialog that is open, down to the end of what it holds. */
export async function pictureOfDialog(page: Page, name: string): Promise<void> {
  const header = await page.locator('.red-ui-tray-header').boundingBox();
  const form = await page.locator('.phase0-form').boundingBox();
  if (!header || !form) throw new Error('no dialog is open');
  mkdirSync(PICTURES, { recursive: true });
  await page.mouse.move(0, 0);
  const clip = { ...header, height: form.y + form.height + 20 - header.y };
  await page.screenshot({ path: `${PICTURES}/${name}.png`, clip, animations: 'disabled' });
}
