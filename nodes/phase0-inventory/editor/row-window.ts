/** The rows of a long table that are in the page: those in view, and one that has the focus. */

const ROW_PX = 30;
/** Rows above and below the view, so that a fast scroll shows no gaps. */
const SPARE_ROWS = 10;

/** A place in a row: a cell by its column, or a button by its action. */
export interface Place {
  readonly index: number;
  readonly column: string | undefined;
  readonly action: string | undefined;
}

export class RowWindow {
  private readonly body = document.createElement('div');
  private found: readonly number[] = [];
  /** How far it is scrolled. */
  private top = 0;
  /** The rows in the page, by their index. */
  private shown = new Map<number, HTMLElement>();

  /** `make`: the element of a row. */
  constructor(
    private readonly view: HTMLElement,
    private readonly make: (index: number) => HTMLElement,
  ) {
    view.addEventListener('scroll', () => {
      this.top = view.scrollTop;
      this.render();
    });
  }

  /** These rows, made anew; the focus stays where it was. */
  show(header: HTMLElement, found: readonly number[]): void {
    const focused = this.focused();
    this.found = found;
    this.shown.clear();
    this.view.replaceChildren(header, this.body);
    this.render();
    if (focused) this.focus(focused);
  }

  /** The table has another size, or is in the page again: out of it, an element forgets how far it was scrolled. */
  resized(): void {
    if (this.view.scrollTop !== this.top) this.view.scrollTop = this.top;
    this.render();
  }

  scrollToEnd(): void {
    this.view.scrollTop = Number.MAX_SAFE_INTEGER;
    this.render();
  }

  /** The same place of the row that is there now; of the last one, if there is none. */
  focus({ index, column, action }: Place): void {
    const indexes = [...this.shown.keys()];
    const row = this.shown.get(indexes.find((each) => each >= index) ?? indexes.at(-1) ?? NaN);
    const places = [...(row?.querySelectorAll<HTMLElement>('input, button') ?? [])];
    const place = places.find(({ dataset }) => dataset.column === column && dataset.action === action);
    (place ?? this.view).focus({ preventScroll: true });
  }

  private focused(): Place | undefined {
    const active = document.activeElement;
    const index = active?.closest<HTMLElement>('[data-row]')?.dataset.row;
    if (!(active instanceof HTMLElement) || index === undefined || !this.body.contains(active)) return undefined;
    const { column, action } = active.dataset;
    return { index: Number(index), column, action };
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
    this.shown = new Map(indexes.map((index) => [index, this.shown.get(index) ?? this.make(index)]));
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
}
