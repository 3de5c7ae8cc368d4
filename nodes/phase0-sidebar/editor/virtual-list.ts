/**
 * A list of which only the lines in view are in the page. As an ARIA grid it has one tab stop: arrow keys move the active
 * line, and left and right choose one of its buttons, so that the focus stays where it is while lines come and go.
 */
import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import { html, render, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';

export interface Line<Item> {
  /** Unique; the active line stays active wherever it moves. */
  key(item: Item): string;
  /** One `gridcell` after the other. */
  cells(item: Item, button: (column: number) => ButtonMark): TemplateResult;
  /** Of the whole line, for the style sheet. */
  classes(item: Item): string;
  /** Enter or a click: column 0 is the line itself, others are its buttons. */
  activate(item: Item, column: number): void;
  readonly columns: number;
  readonly height: number;
}

/** What the list needs of the button of a column; columns count from 1, since 0 is the line itself. */
export interface ButtonMark {
  readonly id: string;
  /** Of the style sheet, if it is the active one. */
  readonly active: string;
}

const OVERSCAN = 6;

export class VirtualList<Item> {
  readonly element = document.createElement('div');
  private items: readonly Item[] = [];
  private activeKey: string | undefined;
  private activeColumn = 0;
  private top = 0;
  private readonly virtualizer: Virtualizer<HTMLElement, HTMLElement>;

  /** `pointerLeft`: what {@link isHovered} kept back can be shown. */
  constructor(
    private readonly id: string,
    label: string,
    private readonly line: Line<Item>,
    pointerLeft: () => void,
  ) {
    const { element } = this;
    Object.assign(element, { id, className: 'phase0-list', tabIndex: 0 });
    element.setAttribute('role', 'grid');
    element.setAttribute('aria-label', label);
    element.addEventListener('scroll', () => (this.top = element.scrollTop));
    element.addEventListener('keydown', (event) => this.pressed(event));
    element.addEventListener('click', (event) => this.clicked(event));
    element.addEventListener('mousedown', (event) => this.keepFocus(event));
    element.addEventListener('pointerleave', pointerLeft);
    this.virtualizer = new Virtualizer<HTMLElement, HTMLElement>(this.options());
    this.virtualizer._didMount();
  }

  show(items: readonly Item[]): void {
    this.items = items;
    this.virtualizer.setOptions(this.options());
    this.virtualizer._willUpdate();
    this.draw();
    // Out of the page, while another view was open, an element forgets how far it was scrolled.
    if (this.element.scrollTop !== this.top) this.element.scrollTop = this.top;
  }

  /** Nothing should move from under the pointer. Asked, not noted: an element that leaves the page gets no event of it. */
  get isHovered(): boolean {
    return this.element.matches(':hover');
  }

  get isScrolled(): boolean {
    return this.top > 0;
  }

  scrollToTop(): void {
    this.top = 0;
    this.element.scrollTop = 0;
  }

  private options() {
    return {
      count: this.items.length,
      getScrollElement: () => this.element,
      estimateSize: () => this.line.height,
      overscan: OVERSCAN,
      observeElementRect,
      observeElementOffset,
      scrollToFn: elementScroll,
      onChange: () => this.draw(),
    };
  }

  private draw(): void {
    const { items, line, virtualizer, element } = this;
    const inView = virtualizer.getVirtualItems().flatMap(({ index, start }) => {
      const item = items[index];
      return item === undefined ? [] : [{ item, index, start }];
    });
    // Each item keeps its element: what is pressed while the list moves is the item that was under the pointer.
    const key = ({ item }: { readonly item: Item }) => line.key(item);
    const lines = repeat(inView, key, ({ item, index, start }) => this.lineOf(item, index, start));
    const height = items.length * line.height;
    render(html`<div role="rowgroup" style="height:${height}px">${lines}</div>`, element);
    element.setAttribute('aria-rowcount', String(items.length));
    const active = element.querySelector('.phase0-active');
    if (active) element.setAttribute('aria-activedescendant', active.id);
    else element.removeAttribute('aria-activedescendant');
  }

  private lineOf(item: Item, index: number, start: number): TemplateResult {
    const { line, id } = this;
    const isActive = line.key(item) === this.activeKey;
    const mark = (column: number): ButtonMark => ({
      id: `${id}-${index}-${column}`,
      active: isActive && this.activeColumn === column ? 'phase0-active' : '',
    });
    return html`<div
      role="row"
      id=${mark(0).id}
      class="phase0-line ${line.classes(item)} ${mark(0).active}"
      style="transform:translateY(${start}px);height:${line.height}px"
      data-index=${index}
      aria-rowindex=${index + 1}
      aria-selected=${isActive ? 'true' : 'false'}
    >
      ${line.cells(item, mark)}
    </div>`;
  }

  private pressed(event: KeyboardEvent): void {
    const { items, line } = this;
    if (event.altKey || event.ctrlKey || event.metaKey || items.length === 0) return;
    const at = items.findIndex((item) => line.key(item) === this.activeKey);
    const page = Math.max(1, Math.floor(this.element.clientHeight / line.height) - 1);
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: items.length - 1,
    };
    const to = moves[event.key];
    if (to !== undefined) this.activate(Math.min(items.length - 1, Math.max(0, to)));
    else if (event.key === 'ArrowRight') this.activeColumn = Math.min(line.columns - 1, this.activeColumn + 1);
    else if (event.key === 'ArrowLeft') this.activeColumn = Math.max(0, this.activeColumn - 1);
    else if (event.key !== 'Enter' && event.key !== ' ') return;
    else if (items[at] !== undefined) line.activate(items[at], this.activeColumn);
    // The editor has actions for these keys, too.
    event.preventDefault();
    event.stopPropagation();
    this.draw();
  }

  private activate(index: number): void {
    const item = this.items[index];
    if (item === undefined) return;
    this.activeKey = this.line.key(item);
    this.virtualizer.scrollToIndex(index, { align: 'auto' });
  }

  /** On the list, and not on a button that scrolls away. */
  private keepFocus(event: Event): void {
    if (!(event.target instanceof Element) || !event.target.closest('[data-button]')) return;
    event.preventDefault();
    this.element.focus({ preventScroll: true });
  }

  private clicked({ target }: Event): void {
    if (!(target instanceof Element)) return;
    const index = Number(target.closest<HTMLElement>('[data-index]')?.dataset.index ?? NaN);
    const item = this.items[index];
    if (item === undefined) return;
    this.activeKey = this.line.key(item);
    this.activeColumn = Number(target.closest<HTMLElement>('[data-button]')?.dataset.button ?? 0);
    this.draw();
    this.line.activate(item, this.activeColumn);
  }
}
