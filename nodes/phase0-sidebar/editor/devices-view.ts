/** The list of devices with its filters. */
import { html, type TemplateResult } from 'lit-html';
import type { ActionRequest } from '../../../src/trace/answers';
import { OUTCOMES } from '../../../src/trace/spark';
import type { Actions } from './actions';
import { deviceCells, LINE_ACTIONS } from './device-line';
import { EVERY_DEVICE, type DeviceFilter, type ListedDevice } from './device-order';
import type { DeviceStore } from './device-store';
import { tagMenu } from './tag-menu';
import { VirtualList, type Line } from './virtual-list';
import { number, outcomeWord, say } from './words';

export interface DevicesViewEvents {
  open(key: string): void;
  act(key: string, action: ActionRequest['action']): void;
  changed(): void;
}

export class DevicesView {
  private filter: DeviceFilter = EVERY_DEVICE;
  private shown: readonly ListedDevice[] = [];
  private readonly list: VirtualList<ListedDevice>;

  constructor(
    private readonly devices: DeviceStore,
    actions: Actions,
    private readonly mayWrite: boolean,
    private readonly events: DevicesViewEvents,
  ) {
    const line: Line<ListedDevice> = {
      key: ({ summary }) => summary.key,
      cells: (device, button) => deviceCells(device, devices.now(), mayWrite, actions.of(device.summary.key), button),
      classes: ({ health }) => `phase0-line-${health}`,
      activate: ({ summary: { key } }, column) => {
        const action = LINE_ACTIONS[column - 1];
        if (action && this.mayWrite) events.act(key, action);
        else events.open(key);
      },
      columns: mayWrite ? 1 + LINE_ACTIONS.length : 1,
      height: 48,
    };
    this.list = new VirtualList('phase0-devices', say('tab.devices'), line, () => events.changed());
  }

  render(): TemplateResult {
    const { devices, filter } = this;
    this.shown = devices.found(filter, this.list.isHovered ? this.shown : []);
    const counts = {
      shown: number(this.shown.length),
      all: number(devices.size),
      troubled: number(devices.troubled()),
    };
    return html`
      <div class="phase0-filters">
        <input
          type="search"
          id="phase0-filter"
          placeholder=${say('filter')}
          aria-label=${say('filter')}
          .value=${filter.text}
          @input=${(event: Event) => this.set({ text: valueOf(event) })}
        />
        <select
          id="phase0-filter-outcome"
          aria-label=${say('filterOutcome')}
          @change=${(event: Event) => this.set({ outcome: valueOf(event) as DeviceFilter['outcome'] })}
        >
          <option value="">${say('everyOutcome')}</option>
          <option value="trouble" ?selected=${filter.outcome === 'trouble'}>${say('inTrouble')}</option>
          ${OUTCOMES.map((outcome) => html`<option value=${outcome} ?selected=${outcome === filter.outcome}>${outcomeWord(outcome)}</option>`)}
        </select>
        ${tagMenu('phase0-filter-tag', devices.tags(), filter.tag, (tag) => this.set({ tag }))}
      </div>
      <p class="phase0-count" role="status" id="phase0-count">${say('count', counts)}</p>
      ${this.list.element}
    `;
  }

  /** After it was rendered: the list draws itself. */
  rendered(): void {
    this.list.show(this.shown);
  }

  focus(): void {
    this.list.element.focus({ preventScroll: true });
  }

  private set(filter: Partial<DeviceFilter>): void {
    this.filter = { ...this.filter, ...filter };
    this.shown = [];
    this.list.scrollToTop();
    this.events.changed();
  }
}

function valueOf({ target }: Event): string {
  return (target as HTMLInputElement | HTMLSelectElement).value;
}
