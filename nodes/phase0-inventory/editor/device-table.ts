/** The table of the dialog: its cells and buttons. Only the rows in view are made, so that 5,000 of them edit without lag. */
import { RowWindow } from './row-window';
import type { TableFaults, TableModel, TableRow } from './table-model';
import { faultInWords } from './words';

export interface TableTexts {
  test(row: string): string;
  remove(row: string): string;
  /** The label of a cell for screen readers. */
  cell(column: string, row: number): string;
}

export interface TableEvents {
  /** A cell, or the rows, were changed. */
  changed(): void;
  /** Nothing was pasted, because of this. */
  refused(why: readonly string[]): void;
  test(row: TableRow): void;
}

export class DeviceTable {
  private faults: TableFaults = { lines: [], at: () => undefined };
  private columns: readonly string[] = [];
  private isFixed = false;
  private readonly rows: RowWindow;
  private readonly results = new WeakMap<TableRow, string>();
  /** Where the result of a row is shown, or was while the row was in view. */
  private readonly resultCells = new WeakMap<TableRow, HTMLElement>();

  constructor(
    private readonly view: HTMLElement,
    private model: TableModel,
    private readonly texts: TableTexts,
    private readonly events: TableEvents,
  ) {
    this.rows = new RowWindow(view, (index) => this.row(index));
    view.addEventListener('input', (event) => this.edited(event.target));
    view.addEventListener('paste', (event) => this.pasted(event));
    view.addEventListener('click', (event) => this.clicked(event.target));
    this.refresh();
  }

  /** Shows these rows from now on; `isFixed`: they can be tested, and not changed. */
  show(model: TableModel, isFixed: boolean): void {
    this.model = model;
    this.isFixed = isFixed;
    this.refresh();
  }

  /** The rows, the columns or the filter changed. */
  refresh(): void {
    this.columns = this.model.columns();
    this.rows.show(this.header(), this.model.found());
  }

  resized(): void {
    this.rows.resized();
  }

  showFaults(faults: TableFaults): void {
    this.faults = faults;
    for (const input of this.view.querySelectorAll('input')) this.mark(input);
  }

  /** Shows what a test of the row came to. */
  showResult(row: TableRow, text: string): void {
    this.results.set(row, text);
    const cell = this.resultCells.get(row);
    if (cell) cell.textContent = text;
  }

  /** Scrolls to the last row, and puts the cursor into its first cell. */
  enterLast(): void {
    this.rows.scrollToEnd();
    this.rows.focus({ index: this.model.rows.length - 1, column: this.columns[0], action: undefined });
  }

  private header(): HTMLElement {
    const header = element('div', { class: 'phase0-row phase0-header', role: 'row' });
    header.append(element('span', {}));
    for (const column of this.columns) {
      const cell = element('span', { role: 'columnheader', 'data-column': column });
      cell.textContent = column;
      header.append(cell);
    }
    return header;
  }

  private row(index: number): HTMLElement {
    const number = String(index + 1);
    const row = element('div', { class: 'phase0-row', role: 'row', 'data-row': String(index) });
    const name = element('span', { class: 'phase0-number-cell' });
    name.textContent = number;
    row.append(name);
    for (const column of this.columns) {
      const input = document.createElement('input');
      input.type = 'text';
      input.readOnly = this.isFixed;
      input.value = this.model.cell(index, column);
      Object.assign(input.dataset, { index: String(index), column });
      input.setAttribute('aria-label', this.texts.cell(column, index + 1));
      this.mark(input);
      row.append(input);
    }
    row.append(this.button('test', 'fa-play', this.texts.test(number)));
    if (!this.isFixed) row.append(this.button('remove', 'fa-trash', this.texts.remove(number)));
    const result = element('span', { class: 'phase0-result' });
    row.append(result);
    const shown = this.model.rows[index];
    if (shown) {
      this.resultCells.set(shown, result);
      result.textContent = this.results.get(shown) ?? '';
    }
    return row;
  }

  private button(action: string, icon: string, label: string): HTMLElement {
    const button = element('button', { type: 'button', 'data-action': action, title: label, 'aria-label': label });
    button.className = 'red-ui-button red-ui-button-small';
    button.append(element('i', { class: `fa ${icon}`, 'aria-hidden': 'true' }));
    return button;
  }

  private mark(input: HTMLInputElement): void {
    const { index, column = '' } = input.dataset;
    const fault = this.faults.at(Number(index), column);
    const problem = fault === undefined ? undefined : faultInWords(fault);
    input.setAttribute('aria-invalid', String(problem !== undefined));
    input.classList.toggle('input-error', problem !== undefined);
    input.title = problem ?? '';
  }

  private edited(target: EventTarget | null): void {
    if (!(target instanceof HTMLInputElement)) return;
    this.model.set(Number(target.dataset.index), target.dataset.column ?? '', target.value.trim());
    this.events.changed();
  }

  private pasted(event: ClipboardEvent): void {
    if (this.isFixed) return;
    const text = event.clipboardData?.getData('text') ?? '';
    // One cell is pasted as usual.
    if (!/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    const { index = String(this.model.rows.length), column = 'device_id' } =
      event.target instanceof HTMLInputElement ? event.target.dataset : {};
    const refusal = this.model.paste(text, Number(index), column);
    if (refusal.length > 0) return this.events.refused(refusal);
    this.refresh();
    this.events.changed();
  }

  private clicked(target: EventTarget | null): void {
    const button = target instanceof Element ? target.closest('button') : undefined;
    const index = Number(button?.closest<HTMLElement>('[data-row]')?.dataset.row);
    const row = this.model.rows[index];
    if (button?.dataset.action === 'test' && row) this.events.test(row);
    if (button?.dataset.action !== 'remove') return;
    this.model.remove(index);
    this.refresh();
    this.events.changed();
  }
}

function element(name: string, attributes: Readonly<Record<string, string>>): HTMLElement {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
