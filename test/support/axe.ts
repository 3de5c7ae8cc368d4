/** Accessibility of a part of a page, by axe-core. */
import type { Page } from 'playwright-core';

const AXE = require.resolve('axe-core/axe.min.js');

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What is serious or critical, one text each, which begins with `what`. */
export async function seriousProblems(page: Page, selector: string, what: string): Promise<string[]> {
  if (!(await page.evaluate('"axe" in window'))) await page.addScriptTag({ path: AXE });
  const { violations } = await page.evaluate<{ violations: Violation[] }>(
    `axe.run('${selector}', { resultTypes: ['violations'] })`,
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${what}: ${id}: ${html}\n${failureSummary}`));
}
