/** What the deployed inventory has in use, as the runtime tells the dialog. */
import type { ReadingReport } from '../readings';
import { faultInWords } from './words';

/** What it has read last. */
export function fetchReading(nodeId: string, success: (report: ReadingReport) => void): Ajax {
  return $.ajax<ReadingReport>({ url: `phase0-inventory/${nodeId}/reading`, type: 'POST', dataType: 'json', success });
}

/** Its rows, with the cells that differ from its defaults. */
export function fetchRows(nodeId: string, success: (rows: readonly object[]) => void): Ajax {
  return $.ajax<readonly object[]>({ url: `phase0-inventory/${nodeId}/rows`, type: 'POST', dataType: 'json', success });
}

/** A report in words: what is in use, and what is wrong with what was read since, without what is `known` already. */
export function readingLines(
  { rows, loadedAt, faults }: ReadingReport,
  known: readonly string[],
  isFile: boolean,
  say: (values: { readonly rows: number; readonly time: string }) => string,
): readonly string[] {
  const time = loadedAt === undefined ? '–' : new Date(loadedAt).toLocaleString();
  // A table that has not been deployed yet needs no line about it.
  const isTold = isFile || loadedAt !== undefined || faults.length > 0;
  const others = faults.filter((line) => !known.includes(line));
  return [...(isTold ? [say({ rows, time })] : []), ...others.map(faultInWords)];
}
