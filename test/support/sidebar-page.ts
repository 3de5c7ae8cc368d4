/** The sidebar on a page of the editor: its lists, its requests and its files. */
import type { Locator, Page } from 'playwright-core';
import { until } from './until';

/** Requests to the routes of the trace that are open now; wraps XMLHttpRequest before the sidebar uses it. */
const WATCH = `(() => {
  if (window.phase0Open) return;
  window.phase0Open = new Set();
  const { open, send } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.open = function (method, url, ...rest) {
    this.phase0Url = String(url);
    return open.call(this, method, url, ...rest);
  };
  XMLHttpRequest.prototype.send = function (...args) {
    if (/phase0\\/(devices|toggles)/.test(this.phase0Url)) {
      window.phase0Open.add(this);
      this.addEventListener('loadend', () => window.phase0Open.delete(this));
    }
    return send.apply(this, args);
  };
})()`;

/**
 * Whether the sidebar has been told that nobody sees it: observers hear in the order in which they were made. Between an
 * answer and the next request none is open, although the sidebar goes on.
 */
const OUT_OF_VIEW = `document.visibilityState === 'hidden' || new Promise((resolve) => {
  const observer = new IntersectionObserver(([entry]) => {
    observer.disconnect();
    resolve(!entry.isIntersecting);
  });
  observer.observe(document.querySelector('.phase0-sidebar'));
})`;

/** Whether no toggle runs or waits, as the server says, and there is nothing new since what the list of devices has read. */
const SETTLED = `(async () => {
  const ask = async (url) => (await fetch(url)).json();
  for (let since = '', more = true; more; ) {
    const answer = await ask('phase0/devices?since=' + encodeURIComponent(since));
    if (answer.devices.some(({ running, queue }) => running || queue > 0)) return false;
    ({ cursor: since, more } = answer);
  }
  const open = [...window.phase0Open].find(({ phase0Url }) => /devices.since=/.test(phase0Url));
  return open !== undefined && (await ask(open.phase0Url.replace(/&wait=.*/, ''))).devices.length === 0;
})()`;

export class SidebarPage {
  private asked: string[] = [];

  constructor(private readonly page: Page) {
    page.on('request', (request) => {
      const { pathname } = new URL(request.url());
      if (pathname.includes('/phase0/')) this.asked.push(pathname);
    });
  }

  async open(): Promise<void> {
    await this.page.evaluate(WATCH);
    await this.page.evaluate(`RED.sidebar.show('phase0')`);
    await this.page.locator('.phase0-sidebar').waitFor();
  }

  /** Waits until the count of the devices says so. */
  async counts(words: string): Promise<void> {
    await this.page.locator('#phase0-count').getByText(words, { exact: true }).waitFor();
  }

  /**
   * Opens the page of the first device in the list, by words of its line. Until a new filter is drawn, another one is
   * there, and the count may have been the same.
   */
  async openFound(words: string): Promise<void> {
    await this.line(0).filter({ hasText: words }).click();
    await this.page.locator('.phase0-title', { hasText: words }).waitFor();
  }

  /** Waits until every toggle has ended, and the list of devices shows as much. */
  async settles(): Promise<void> {
    await until(this.page, SETTLED);
  }

  /** The editor shows no notifications, until what this resolves to is called. */
  async keepsQuiet(): Promise<() => Promise<unknown>> {
    await this.page.evaluate(`(window.notify = RED.notify, RED.notify = () => ({ closed: true }), undefined)`);
    return () => this.page.evaluate(`(RED.notify = window.notify, undefined)`);
  }

  /** A line of the list of devices. */
  line(index: number): Locator {
    return this.page.locator(`#phase0-devices [data-index="${index}"]`);
  }

  /** Presses Tab until such an element has the focus. It is there by then: Tab would go past what comes later. */
  async tabTo(selector: string): Promise<void> {
    await this.page.locator(selector).first().waitFor();
    for (let presses = 0; presses < 40; presses += 1) {
      await this.page.keyboard.press('Tab');
      if (await this.page.evaluate(`document.activeElement.matches('${selector}')`)) return;
    }
    throw new Error(`${selector} is not reached by Tab`);
  }

  /** Path of the file that the button saves. */
  async export(format: 'jsonl' | 'pcapng'): Promise<string> {
    const [download] = await Promise.all([
      this.page.waitForEvent('download'),
      this.page.click(`#phase0-export-${format}`),
    ]);
    return download.path();
  }

  /** What will have been asked for from now on. */
  requests(): () => Promise<readonly string[]> {
    this.asked = [];
    return () => Promise.resolve(this.asked);
  }

  /** Waits until a request is open. */
  async isAsking(): Promise<void> {
    await this.page.waitForFunction('window.phase0Open.size > 0');
  }

  /** Waits until the sidebar, which is out of view by now, knows it, and no request is open. */
  async isQuiet(): Promise<void> {
    await until(this.page, OUT_OF_VIEW);
    await this.page.waitForFunction('window.phase0Open.size === 0');
  }

  /** As when the user looks at another tab of the browser. */
  async hidePage(isHidden: boolean): Promise<void> {
    const state = isHidden ? 'hidden' : 'visible';
    await this.page.evaluate(`(() => {
      Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    })()`);
  }
}
