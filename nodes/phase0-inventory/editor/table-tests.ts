/** Tests from the open dialog: of one row or of those that were found, with the values as they are there, and how they ended. */
import type { Form, ReadInput } from '../../editor/form';
import { valuesOf } from '../../editor/open-form';
import { tlsDraft } from '../../editor/tls-draft';
import { causeInWords } from '../../editor/words';
import type { DeviceTable } from './device-table';
import { RowTests, type RowTest, type TestVerdict } from './row-tests';
import type { TableRow } from './table-model';
import type { TablePart } from './table-part';

export interface TableTestsDeps {
  readonly node: EditorNode;
  readonly form: Form;
  readonly read: ReadInput;
  readonly table: DeviceTable;
  readonly part: TablePart;
  /** Whether the table still has the row. */
  readonly has: (row: TableRow) => boolean;
  /** A text of the table. */
  readonly say: (key: string) => string;
}

export class TableTests {
  private readonly tests: RowTests<TableRow>;
  private count = 0;
  /** What is chosen for all rows, as it was when tests were asked for last: the turn of a row may come under another dialog. */
  private shared: Pick<RowTest, 'settings' | 'tls'> = { settings: {}, tls: undefined };
  private readonly outcomes = new Map<string, number>();

  constructor(private readonly deps: TableTestsDeps) {
    const { table } = deps;
    this.tests = new RowTests((row, state) => this.testOf(row, state), {
      ended: (row, verdict) => this.ended(row, verdict),
      failed: (row, outcome, why) => this.show(row, outcome, why),
      cancelled: (row) => table.showResult(row, causeInWords('cancelled')),
      idle: () => this.showRunning(false),
    });
    this.showRunning(false);
  }

  run(rows: readonly TableRow[], state: boolean): void {
    const { form, read, table, say } = this.deps;
    this.shared = { settings: valuesOf(form, read), tls: tlsDraft(form) };
    if (this.tests.isIdle) this.outcomes.clear();
    for (const row of rows) table.showResult(row, say('waiting'));
    this.showRunning(true);
    this.tests.run(rows, state);
  }

  /** Unless tests are running. */
  runAll(rows: readonly TableRow[], state: boolean): void {
    if (this.tests.isIdle) this.run(rows, state);
  }

  cancel(): void {
    this.tests.cancel();
  }

  /** Ends them, and shows nothing of them any more. */
  clear(): void {
    this.cancel();
    this.deps.part('tested').textContent = '';
  }

  private testOf(row: TableRow, state: boolean): RowTest | undefined {
    const { node, has } = this.deps;
    if (!has(row)) return undefined;
    const { device_id: deviceId = '', tls: speaksTls, tags: _tags, ...cells } = row;
    const { settings: defaults, tls: chosen } = this.shared;
    const settings = { ...defaults, ...cells, deviceId };
    // Without a tls-config node, TLS by the certificates of Node.js.
    const tls =
      speaksTls === 'off' ? undefined : (chosen ?? (speaksTls === 'on' ? { id: '', changed: true } : undefined));
    this.count += 1;
    return { id: `${node.id}/${this.count}`, z: node.z, state, settings, tls };
  }

  private ended(row: TableRow, { outcome, cause, elapsedMs }: TestVerdict): void {
    const why = cause ? `${causeInWords(cause)} · ` : '';
    this.show(row, outcome, `${why}${Math.round(elapsedMs)} ms`);
  }

  private show(row: TableRow, outcome: string, words: string): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    this.deps.table.showResult(row, `${outcome} · ${words}`);
    this.deps.part('tested').textContent = [...this.outcomes].map(([name, count]) => `${name}: ${count}`).join(' · ');
  }

  private showRunning(isRunning: boolean): void {
    const { part } = this.deps;
    // Not disabled: the one that was pressed would lose the focus.
    for (const name of ['testOn', 'testOff']) part(name).setAttribute('aria-disabled', String(isRunning));
    if (!isRunning && document.activeElement === part('cancel')) part('testOn').focus();
    part('cancel').hidden = !isRunning;
  }
}
