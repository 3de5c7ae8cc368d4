/** The table of the dialog: shows only the rows that are in view, so that 5,000 of them scroll and edit without lag. */
import type { TableFaults, TableModel, TableRow } from './table-model';
import { faultInWords } from './words';

const ROW_PX = 30;
/** Rows above and below the view, so that a fast scroll shows no gaps. */
const SPARE_ROWS = 10;

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

interface Focused {
  readonly index: number;
  readonly column: string | undefined;
  readonly action: string | undefined;
}

export class DeviceTable {
  private faults: TableFaults = { lines: [], at: () => undefined };
  private found: readonly number[] = [];
  private columns: readonly string[] = [];
  private isFixed = false;
  private readonly body: HTMLElement;
  /** How far it is scrolled. */
  private top = 0;
  /** The rows in the page, by their index. */
  private shown = new Map<number, HTMLElement>();
  private readonly results = new WeakMap<TableRow, string>();
  /** Where the result of a row is shown, or was while the row was in view. */
  private readonly resultCells = new WeakMap<TableRow, HTMLElement>();

  constructor(
    private readonly view: HTMLElement,
    private model: TableModel,
    private readonly texts: TableTexts,
    private readonly events: TableEvents,
  ) {
    this.body = document.createElement('div');
    view.addEventListener('scroll', () => {
      this.top = view.scrollTop;
      this.render();
    });
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
    const focused = this.focused();
    this.found = this.model.found();
    this.columns = this.model.columns();
    this.shown.clear();
    this.view.replaceChildren(this.header(), this.body);
    this.render();
    if (focused) this.focus(focused);
  }

  /** The table has another size, or is in the page again: out of it, an element forgets how far it was scrolled. */
  resized(): void {
    if (this.view.scrollTop !== this.top) this.view.scrollTop = this.top;
    this.render();
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
    this.view.scrollTop = Number.MAX_SAFE_INTEGER;
    this.render();
    this.focus({ index: this.model.rows.length - 1, column: this.columns[0], action: undefined });
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

  /**
   * A row that stays is not touched: what is pressed, typed or selected in it goes on while the table scrolls. One with the
   * focus stays also out of view.
   */
  private render(): void {
    const { found, body } = this;
    const first = Math.max(0, Math.floor(this.view.scrollTop / ROW_PX) - SPARE_ROWS);
    const count = Math.ceil((this.view.clientHeight || 300) / ROW_PX) + 2 * SPARE_ROWS;
    body.style.paddingTop = `${first * ROW_PX}px`;
    body.style.paddingBottom = `${Math.max(0, found.length - first - count) * ROW_PX}px`;
    const indexes = found.slice(first, first + count);
    const away = found.indexOf(this.focused()?.index ?? NaN);
    if (away >= 0 && away < first) indexes.unshift(found[away] as number);
    if (away >= first + count) indexes.push(found[away] as number);
    this.shown = new Map(indexes.map((index) => [index, this.shown.get(index) ?? this.row(index)]));
    for (const [index, { style }] of this.shown) {
      const isAway = indexes.length > count && index === found[away];
      Object.assign(style, isAway ? { position: 'absolute', top: `${away * ROW_PX}px` } : { position: '', top: '' });
    }
    const kept = new Set<Element>(this.shown.values());
    for (const row of body.querySelectorAll('[data-row]')) if (!kept.has(row)) row.remove();
    let next = body.firstElementChild;
    for (const row of kept) {
      if (row === next) next = row.nextElementSibling;
      else body.insertBefore(row, next);
    }
  }

  /** Where the focus is in the table: in a cell, or on a button of a row. */
  private focused(): Focused | undefined {
    const active = document.activeElement;
    const index = active?.closest<HTMLElement>('[data-row]')?.dataset.row;
    if (!(active instanceof HTMLElement) || index === undefined || !this.body.contains(active)) return undefined;
    const { column, action } = active.dataset;
    return { index: Number(index), column, action };
  }

  /** The same place of the row that is there now; of the last one, if there is none. */
  private focus({ index, column, action }: Focused): void {
    const indexes = [...this.shown.keys()];
    const row = this.shown.get(indexes.find((each) => each >= index) ?? indexes.at(-1) ?? NaN);
    const places = [...(row?.querySelectorAll<HTMLElement>('input, button') ?? [])];
    const place = places.find(({ dataset }) => dataset.column === column && dataset.action === action);
    (place ?? this.view).focus({ preventScroll: true });
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
