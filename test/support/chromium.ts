/** Chromium for tests: one page, the errors in it, and its requests to other machines. */
import { chromium, type Browser, type Page } from 'playwright-core';

const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const LOCAL = /^((http|ws):\/\/127\.0\.0\.1:|(data|blob):)/;

export interface OpenPage {
  readonly browser: Browser;
  readonly page: Page;
  /** Exceptions, and errors in the console, and warnings that name us. */
  readonly problems: readonly string[];
  /** Addresses elsewhere that the page asked for. */
  readonly elsewhere: readonly string[];
  /** Forgets both. */
  clear(): void;
}

export async function openPage(executablePath: string, viewport: { width: number; height: number }): Promise<OpenPage> {
  const browser = await chromium.launch({ executablePath, args: QUIET });
  const page = await browser.newPage({ viewport });
  const problems: string[] = [];
  const elsewhere: string[] = [];
  const asked = (url: string) => {
    if (!LOCAL.test(url)) elsewhere.push(url);
  };
  // The message alone does not say whose error it is.
  page.on('pageerror', (error) => problems.push(error.stack ?? error.message));
  page.on('console', (message) => {
    const said = `${message.text()} (${message.location().url})`;
    // Node-RED's libraries warn of themselves.
    const isOurs = said.includes('phase0');
    if (message.type() === 'error' || (message.type() === 'warning' && isOurs)) problems.push(said);
  });
  page.on('request', (request) => asked(request.url()));
  page.on('websocket', (socket) => asked(socket.url()));
  const clear = () => {
    problems.length = 0;
    elsewhere.length = 0;
  };
  return { browser, page, problems, elsewhere, clear };
}
