/** The tab: which of its views is open, and when it is drawn. */
import { html, nothing, render, type TemplateResult } from 'lit-html';
import type { ActionRequest } from '../../../src/trace/answers';
import type { ToggleTimeline } from '../../../src/trace/toggle-timeline';
import { Actions } from './actions';
import { devicePage } from './device-page';
import { DevicesView } from './devices-view';
import { frame, pageFrame, type Tab } from './frame';
import { LiveTrace, type ToggleScope } from './live-trace';
import { get, later, session } from './routes';
import { togglePage } from './toggle-page';
import { TraceView } from './trace-view';
import { watchVisibility } from './visibility';
import { number, say } from './words';

/** Ages count on. */
const TICK_MS = 1000;

export class Sidebar {
  readonly element = document.createElement('div');
  private readonly live = new LiveTrace(get, later, session, Date.now, () => this.draw());
  private readonly actions = new Actions(() => this.draw());
  private readonly mayRead = RED.user.hasPermission('phase0.read');
  private readonly mayWrite = RED.user.hasPermission('phase0.write');
  private readonly devicesView: DevicesView;
  private readonly traceView: TraceView;
  private tab: Tab = 'devices';
  /** The page that is open, if one is: of a device, of a toggle, or of a toggle of that device. */
  private deviceKey: string | undefined;
  private toggle: ToggleTimeline | undefined;
  /** A test was asked for of a device whose state is not known. */
  private asksState = false;
  private frame = 0;
  private ticker = 0;

  constructor() {
    const changed = () => this.draw();
    this.devicesView = new DevicesView(this.live.devices, this.actions, this.mayWrite, {
      open: (key) => this.go({ deviceKey: key }),
      act: (key, action) => this.act(key, action),
      changed,
    });
    this.traceView = new TraceView(this.live, {
      open: (toggle) => this.go({ toggle }),
      filtered: () => this.follow(),
      changed,
    });
    this.element.className = 'phase0-sidebar';
    this.element.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || !this.isPage()) return;
      // The editor would look for what its key means around an element that is not in the page any more.
      event.stopPropagation();
      this.back();
    });
    watchVisibility(this.element, (isVisible) => this.watch(isVisible));
    this.draw();
  }

  private watch(isVisible: boolean): void {
    window.clearInterval(this.ticker);
    if (isVisible) this.ticker = window.setInterval(() => this.draw(), TICK_MS);
    this.live.watch(isVisible && this.mayRead);
  }

  /** Once for all that happens until the next frame; a page that is hidden has none. */
  private draw(): void {
    if (this.frame !== 0) return;
    this.frame = window.requestAnimationFrame(() => {
      this.frame = 0;
      this.drawNow();
    });
  }

  private drawNow(): void {
    if (this.isOfGone()) return this.leaveGone();
    render(this.template(), this.element);
    if (!this.isPage()) this.view().rendered();
  }

  /** A device that is gone has no page, and neither have its toggles. */
  private isOfGone(): boolean {
    return [this.deviceKey, this.toggle?.key].some((key) => key !== undefined && !this.live.devices.get(key));
  }

  /** The focus stays in the tab, if it was on the page that goes. */
  private leaveGone(): void {
    const hadFocus = this.element.contains(document.activeElement);
    this.deviceKey = undefined;
    this.toggle = undefined;
    this.follow();
    this.drawNow();
    if (hadFocus) this.view().focus();
  }

  private view(): DevicesView | TraceView {
    return this.tab === 'devices' ? this.devicesView : this.traceView;
  }

  private template(): TemplateResult {
    if (!this.mayRead) return html`<p class="phase0-quiet">${say('mayNotRead')}</p>`;
    return frame(this.isPage() ? pageFrame(this.page(), () => this.back()) : this.view().render(), {
      tab: this.tab,
      trouble: this.troubleWords(),
      choose: (tab) => this.go({ tab }),
    });
  }

  private page(): TemplateResult | typeof nothing {
    const { live, toggle } = this;
    if (toggle) {
      const device = toggle.key === undefined ? undefined : live.devices.get(toggle.key);
      return togglePage(toggle, device, () => this.go({ tab: 'devices', deviceKey: toggle.key }));
    }
    const key = this.deviceKey ?? '';
    const device = live.devices.get(key);
    if (!device) return nothing;
    return devicePage(device, {
      now: live.devices.now(),
      mayWrite: this.mayWrite,
      progress: this.actions.of(key),
      toggles: live.latest.store.isRead ? live.latest.store.all() : undefined,
      settings: live.settings.known,
      asksState: this.asksState,
      act: (action, state) => this.act(key, action, state),
      open: (each) => this.go({ deviceKey: key, toggle: each }),
    });
  }

  private troubleWords(): string {
    const { trouble, devices } = this.live;
    if (trouble) return say(`trouble.${trouble}`);
    if (!devices.said) return say('loading');
    if (devices.said.traceBytes === 0) return say('off');
    return devices.said.hidden > 0 ? say('hidden', { count: number(devices.said.hidden) }) : '';
  }

  private act(key: string, action: ActionRequest['action'], state?: boolean): void {
    const device = this.live.devices.get(key);
    // A test repeats the last confirmed state; without one, the user has to say which.
    if (action === 'test' && state === undefined && device?.summary.state === undefined) {
      this.go({ deviceKey: key });
      this.asksState = true;
      return this.draw();
    }
    if (this.asksState) {
      this.asksState = false;
      // The button that was pressed goes, and would take the focus with it.
      this.drawNow();
      this.element.querySelector<HTMLElement>('.phase0-title')?.focus();
    }
    this.actions.run({ key, action, ...(state === undefined ? {} : { state }) });
  }

  private isPage(): boolean {
    return this.toggle !== undefined || this.deviceKey !== undefined;
  }

  private back(): void {
    if (this.toggle) this.go({ deviceKey: this.deviceKey });
    else this.go({});
  }

  /** To a view, with the focus; what is not named is closed. */
  private go(to: {
    readonly tab?: Tab;
    readonly deviceKey?: string | undefined;
    readonly toggle?: ToggleTimeline;
  }): void {
    this.tab = to.tab ?? this.tab;
    this.deviceKey = to.deviceKey;
    this.toggle = to.toggle;
    this.asksState = false;
    this.follow();
    this.drawNow();
    if (this.isPage()) this.element.querySelector<HTMLElement>('.phase0-title')?.focus();
    else if (to.tab === undefined) this.view().focus();
  }

  /** Reads the toggles that the open view shows. */
  private follow(): void {
    this.live.show(this.scope());
  }

  private scope(): ToggleScope {
    if (this.deviceKey !== undefined) return { kind: 'device', key: this.deviceKey };
    return this.tab === 'trace' ? { kind: 'trace', filter: this.traceView.filter } : { kind: 'none' };
  }
}
