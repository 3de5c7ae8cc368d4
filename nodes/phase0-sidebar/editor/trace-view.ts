/** The list of the latest toggles as they come, with pause, clear, filters and export. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { VerdictOutcome } from '../../../src/outcomes';
import type { ExportFormat } from '../../../src/trace/answers';
import type { ToggleTimeline } from '../../../src/trace/toggle-timeline';
import { OUTCOMES } from '../../../src/trace/spark';
import type { LiveTrace } from './live-trace';
import { download } from './routes';
import { toggleCells } from './toggle-line';
import { tagMenu } from './tag-menu';
import { EVERY_TOGGLE, MAX_TEXT, queryOf, type TraceFilter } from './toggle-query';
import { VirtualList, type Line } from './virtual-list';
import { number, outcomeWord, say } from './words';

const FORMATS: readonly ExportFormat[] = ['jsonl', 'pcapng'];

export interface TraceViewEvents {
  open(toggle: ToggleTimeline): void;
  /** The filter changed. */
  filtered(): void;
  changed(): void;
}

export class TraceView {
  filter = EVERY_TOGGLE;
  private shown: readonly ToggleTimeline[] = [];
  private newer = 0;
  private isPaused = false;
  private exportTrouble = '';
  private readonly list: VirtualList<ToggleTimeline>;

  constructor(
    private readonly live: LiveTrace,
    private readonly events: TraceViewEvents,
  ) {
    const line: Line<ToggleTimeline> = {
      key: ({ seq }) => String(seq),
      cells: (toggle) => toggleCells(toggle, live.devices.get(toggle.key ?? '')),
      classes: ({ outcome }) => `phase0-line-${outcome}`,
      activate: (toggle) => events.open(toggle),
      columns: 1,
      height: 44,
    };
    this.list = new VirtualList('phase0-toggles', say('tab.trace'), line, () => events.changed());
  }

  render(): TemplateResult {
    this.update();
    const { live, isPaused, newer, filter } = this;
    const count = say('toggleCount', { count: number(this.shown.length) });
    const held = newer > 0 ? ` · ${say('newer', { count: number(newer) })}` : '';
    return html`
      <div class="phase0-filters">
        <button
          type="button"
          class="red-ui-button red-ui-button-small"
          id="phase0-pause"
          aria-pressed=${isPaused ? 'true' : 'false'}
          @click=${() => this.pause(!isPaused)}
        >
          <i class="fa ${isPaused ? 'fa-play' : 'fa-pause'}" aria-hidden="true"></i> ${say('pause')}
        </button>
        <button type="button" class="red-ui-button red-ui-button-small" id="phase0-clear" @click=${() => this.clear()}>
          <i class="fa fa-ban" aria-hidden="true"></i> ${say('clear')}
        </button>
        ${FORMATS.map(
          (format) =>
            html`<button
              type="button"
              class="red-ui-button red-ui-button-small"
              id="phase0-export-${format}"
              title=${say(`export.${format}`)}
              @click=${() => this.export(format)}
            >
              <i class="fa fa-download" aria-hidden="true"></i> ${format}
            </button>`,
        )}
      </div>
      <div class="phase0-filters">
        <input
          type="search"
          id="phase0-trace-filter"
          placeholder=${say('filter')}
          aria-label=${say('filter')}
          maxlength=${MAX_TEXT}
          .value=${filter.text}
          @input=${(event: Event) => this.set({ text: (event.target as HTMLInputElement).value })}
        />
        <select
          id="phase0-trace-outcome"
          aria-label=${say('filterOutcome')}
          @change=${(event: Event) => this.set({ outcome: (event.target as HTMLSelectElement).value as VerdictOutcome })}
        >
          <option value="">${say('everyOutcome')}</option>
          ${OUTCOMES.map((outcome) => html`<option value=${outcome} ?selected=${outcome === filter.outcome}>${outcomeWord(outcome)}</option>`)}
        </select>
        ${tagMenu('phase0-trace-tag', live.devices.tags(), filter.tag, (tag) => this.set({ tag }))}
      </div>
      <p class="phase0-count" role="status" id="phase0-toggle-count">${count}${held}</p>
      ${this.exportTrouble === '' ? nothing : html`<p class="phase0-count" role="alert">${this.exportTrouble}</p>`}
      ${live.trace.store.hasGaps ? html`<p class="phase0-count">${say('gaps')}</p>` : nothing} ${this.list.element}
    `;
  }

  rendered(): void {
    this.list.show(this.shown);
  }

  focus(): void {
    this.list.element.focus({ preventScroll: true });
  }

  /** Nothing moves from under the pointer, or away from who has scrolled down to read. */
  private update(): void {
    const { shown } = this;
    const found = this.live.trace.store.all();
    const isHeld = shown.length > 0 && (this.list.isHovered || this.list.isScrolled);
    if (!isHeld) this.shown = found;
    else {
      const newest = shown[0]?.seq ?? 0;
      const present = new Set(found.map(({ seq }) => seq));
      this.shown = shown.filter(({ seq }) => present.has(seq));
      this.newer = found.filter(({ seq }) => seq > newest).length;
      return;
    }
    this.newer = 0;
  }

  private pause(isPaused: boolean): void {
    this.isPaused = isPaused;
    this.live.pause(isPaused);
  }

  private clear(): void {
    this.live.trace.store.clear();
    this.shown = [];
    this.events.changed();
  }

  private set(filter: Partial<TraceFilter>): void {
    this.filter = { ...this.filter, ...filter };
    this.shown = [];
    this.list.scrollToTop();
    this.events.filtered();
  }

  private export(format: ExportFormat): void {
    this.exportTrouble = '';
    download(format, queryOf(this.filter), (status) => {
      this.exportTrouble = say('export.failed', { status });
      this.events.changed();
    });
  }
}
