/** The open dialog of an inventory: its table, what is wrong in it, import and export, tests, and what the runtime has read. */
import { writeInventoryCsv } from '../../../src/inventory/csv';
import { idOf, type Form, type ReadInput } from '../../editor/form';
import { tlsDraft } from '../../editor/tls-draft';
import type { ReadingReport } from '../readings';
import { fetchReading, fetchRows, readingLines } from './deployed';
import { DeviceTable } from './device-table';
import { defaultsOf } from './devices-problem';
import { TableModel, type TableFaults, type TableRow } from './table-model';
import { tableParts } from './table-part';
import { TableTests } from './table-tests';
import { faultInWords } from './words';

/** Checking 5,000 rows takes some ten milliseconds: not with each key. */
const CHECK_MS = 200;

export class InventoryDialog {
  private readonly model: TableModel;
  private readonly part = tableParts();
  private readonly reading = document.getElementById('node-config-input-reading-row');
  /** What the deployed node has read; absent until it says so. */
  private report: ReadingReport | undefined;
  /** The rows in use, while they come from a file. */
  private inUse: TableModel | undefined;
  /** Those have not come yet. */
  private areRowsAsked = false;
  private readonly table: DeviceTable;
  private readonly tests: TableTests;
  private readonly requests = new Set<Ajax>();
  private checkTimer: number | undefined;

  constructor(
    private readonly node: EditorNode,
    private readonly form: Form,
    private readonly read: ReadInput,
  ) {
    this.model = new TableModel(node.devices);
    const texts = {
      test: (row: string) => this.say('test', { row }),
      remove: (row: string) => this.say('remove', { row }),
      cell: (column: string, row: number) => this.say('cell', { column, row }),
    };
    const events = {
      changed: () => this.checkLater(),
      refused: (why: readonly string[]) => this.check(why),
      test: (row: TableRow) => this.tests.run([row], true),
    };
    const table = new DeviceTable(document.getElementById('phase0-table') as HTMLElement, this.model, texts, events);
    this.table = table;
    const has = (row: TableRow) => this.shown.rows.includes(row);
    this.tests = new TableTests({ node, form, read, table, part: this.part, has, say: (key) => this.say(key) });
    this.addTools();
    this.check();
    // The dialog gets its size after it was prepared.
    window.setTimeout(() => this.table.refresh());
    this.showSource();
    $(`#${idOf(form, 'source')}`).on('change', () => this.showSource());
    const asked = fetchReading(node.id, (report) => {
      this.report = report;
      this.showReading();
    });
    this.requests.add(asked);
  }

  /** The rows as they are to be saved. */
  devices(): readonly TableRow[] {
    return this.model.saved();
  }

  /** Also when no dialog is above it any more: meanwhile nothing could be read of it. */
  resized(): void {
    this.table.resized();
    this.checkLater();
  }

  close(): void {
    window.clearTimeout(this.checkTimer);
    this.tests.cancel();
    for (const request of this.requests) request.abort();
  }

  private addTools(): void {
    const on = (name: string, action: () => void) => this.part(name).addEventListener('click', action);
    const filter = this.part('filter');
    on('add', () => {
      // It would hide the new row.
      filter.value = '';
      this.model.filter = '';
      this.model.add();
      this.table.refresh();
      this.table.enterLast();
      this.check();
    });
    on('importCsv', () => this.part('file').click());
    on('exportCsv', () => this.download());
    on('testOn', () => this.tests.runAll(this.shown.foundRows(), true));
    on('testOff', () => this.tests.runAll(this.shown.foundRows(), false));
    on('cancel', () => this.tests.cancel());
    filter.setAttribute('aria-label', this.say('filter'));
    filter.addEventListener('input', () => {
      this.shown.filter = filter.value;
      this.table.refresh();
      this.showCount();
    });
    const file = this.part('file');
    file.addEventListener('change', () => void this.import(file));
    for (const name of Object.keys(this.form.fields)) {
      $(`#${idOf(this.form, name)}`).on('input change', () => this.checkLater());
    }
  }

  /** The rows of a file take the place of those in the table. */
  private async import(input: HTMLInputElement): Promise<void> {
    const [file] = input.files ?? [];
    if (!file) return;
    const bytes = new Uint8Array(await file.arrayBuffer());
    // So that the same file can be chosen again, once it is mended.
    input.value = '';
    const refusal = this.model.import(bytes);
    this.table.refresh();
    this.check(refusal);
  }

  private download(): void {
    const link = document.createElement('a');
    link.href = `data:text/csv;charset=utf-8,${encodeURIComponent(writeInventoryCsv(this.shown.saved()))}`;
    link.download = 'devices.csv';
    link.click();
  }

  private checkLater(): void {
    window.clearTimeout(this.checkTimer);
    this.checkTimer = window.setTimeout(() => this.check(), CHECK_MS);
  }

  /** The rows that can be seen: those in the flow, or those in use of a file. */
  private get shown(): TableModel {
    return this.inUse ?? this.model;
  }

  /** Rows of a file are changed in the file, so that the table only shows and tests those in use. */
  private showSource(): void {
    const isFile = this.read('source') === 'file';
    for (const name of ['add', 'importCsv']) this.part(name).hidden = isFile;
    if (isFile === (this.inUse !== undefined)) return;
    this.tests.clear();
    const show = (rows: readonly object[] | undefined, areAsked = false) => {
      this.areRowsAsked = areAsked;
      this.inUse = rows && new TableModel(rows);
      this.shown.filter = this.part('filter').value;
      this.table.show(this.shown, isFile);
      this.check();
      this.showReading();
    };
    show(isFile ? [] : undefined, isFile);
    if (isFile) this.requests.add(fetchRows(this.node.id, (rows) => this.inUse && show(rows)));
  }

  /** What is wrong with the rows of the table; those in use have no faults. */
  private faults(): TableFaults {
    if (this.inUse) return { lines: [], at: () => undefined };
    return this.model.faults(defaultsOf((name) => this.read(name), tlsDraft(this.form) !== undefined));
  }

  /** Shows why nothing was taken into the table, or what is wrong in it. */
  private check(refusal: readonly string[] = []): void {
    window.clearTimeout(this.checkTimer);
    const faults = this.faults();
    this.table.showFaults(faults);
    const list = this.part('faults');
    const lines = (refusal.length > 0 ? refusal : faults.lines).map(faultInWords);
    if (refusal.length > 0) lines.unshift(this.say('refused'));
    list.replaceChildren(...lines.map((line) => Object.assign(document.createElement('li'), { textContent: line })));
    this.showCount();
  }

  private showCount(): void {
    const [rows, found] = [this.shown.rows.length, this.shown.found().length];
    const words = found === rows ? this.say('rows', { rows }) : this.say('foundRows', { found, rows });
    this.part('count').textContent = this.areRowsAsked ? '' : words;
  }

  private showReading(): void {
    const say = (values: object) => this.say('reading', values);
    const lines = this.report ? readingLines(this.report, this.faults().lines, this.inUse !== undefined, say) : [];
    const shown = lines.map((line) => Object.assign(document.createElement('div'), { textContent: line }));
    this.reading?.replaceChildren(...shown);
  }

  private say(key: string, values: object = {}): string {
    return this.node._(`phase0-inventory.table.${key}`, values);
  }
}
