/** Node-RED's editor on one page, by mouse and keyboard: palette, canvas, dialogs and menus. */
import type { Locator, Page } from 'playwright-core';

/** Node-RED says so when the flows of a deploy have started; the editor asks for it, and so do we. */
const HEAR_DEPLOYS = `RED.comms.subscribe('notification/runtime-deploy', (_, { revision }) => { window.started = revision; })`;
const DEPLOYED = '!RED.nodes.dirty() && window.started === RED.nodes.version()';
const READY = `window.RED?.workspaces?.active() && !document.querySelector('#red-ui-loading-progress:not([style*="none"])')`;

export class Editor {
  constructor(
    readonly page: Page,
    private readonly url: string,
  ) {}

  /** Loads the page anew, with what is deployed. */
  async load(): Promise<void> {
    await this.page.goto(this.url);
    await this.page.locator('[data-palette-type="phase0-toggle"]').waitFor();
    await this.page.waitForFunction(READY);
    await this.page.evaluate(HEAR_DEPLOYS);
  }

  /** A node on the canvas. */
  node(id: string): Locator {
    return this.page.locator(`[id="${id}"]`);
  }

  /** The dialog that is on top; those below it are not in the page. */
  get dialog(): Locator {
    return this.page.locator('.red-ui-tray');
  }

  /** Drags a node from the palette to a place on the canvas; resolves to its id. */
  async drag(type: string, x: number, y: number): Promise<string> {
    const { mouse } = this.page;
    const entry = this.page.locator(`[data-palette-type="${type}"]`);
    await entry.scrollIntoViewIfNeeded();
    const canvas = await boxOf(this.page.locator('#red-ui-workspace-chart'));
    await entry.hover();
    await mouse.down();
    await mouse.move(canvas.x + x - 20, canvas.y + y - 20, { steps: 5 });
    await mouse.move(canvas.x + x, canvas.y + y, { steps: 5 });
    await mouse.up();
    const [dropped] = await this.page.evaluate<{ id: string; type: string }[]>(
      'RED.view.selection().nodes.map(({ id, type }) => ({ id, type }))',
    );
    if (dropped?.type !== type) throw new Error(`${type} was not dropped, but ${dropped?.type}`);
    return dropped.id;
  }

  /** Draws a wire from an output to the input of another node. */
  async wire(from: string, output: number, to: string): Promise<void> {
    await this.node(from).locator('.red-ui-flow-port-output .red-ui-flow-port').nth(output).hover();
    await this.page.mouse.down();
    const end = await boxOf(this.node(to).locator('.red-ui-flow-port-input .red-ui-flow-port'));
    await this.page.mouse.move(end.x, end.y - 20, { steps: 4 });
    await this.page.mouse.move(end.x + end.width / 2, end.y + end.height / 2, { steps: 4 });
    await this.page.mouse.up();
  }

  /** Opens the dialog of a node. */
  async open(id: string): Promise<void> {
    await this.opens(async () => {
      // Two clicks are a double click to the editor only if it hears of both within 650 ms.
      do await this.node(id).locator('rect.red-ui-flow-node').dblclick();
      while (!(await this.page.evaluate<boolean>('RED.view.state() === RED.state.EDITING')));
    });
  }

  /** Opens one more dialog, and waits until its animation has ended. */
  async opens(action: () => Promise<void>): Promise<void> {
    const depth = await this.depth();
    await action();
    await this.settles(depth + 1, 'tray.contains(document.activeElement)');
  }

  /** Presses a button that closes the dialog on top. */
  async close(button: 'ok' | 'cancel' | 'delete' = 'ok'): Promise<void> {
    const depth = await this.depth();
    await this.dialog.locator(`#node-dialog-${button}, #node-config-dialog-${button}`).click();
    await this.settles(depth - 1);
  }

  /** Closes every dialog that is open, whatever a test has left. */
  async closeAll(): Promise<void> {
    for (let left = await this.depth(); left > 0; left -= 1) await this.close('cancel');
  }

  /** Unfolds each section of the dialog on top. */
  async unfold(): Promise<void> {
    const folded = this.dialog.locator('details:not([open]) > summary');
    for (let left = await folded.count(); left > 0; left -= 1) await folded.first().click();
  }

  /** Chooses the type of a typed input. */
  async choose(input: string, type: string): Promise<void> {
    const row = this.dialog.locator('.form-row', { has: this.page.locator(input) });
    await row.locator('.red-ui-typedInput-type-select').click();
    await this.page.locator('.red-ui-typedInput-options:visible').waitFor();
    // The menu slides open, and what is pressed meanwhile is let go on another entry.
    await this.page.waitForFunction(`$(':animated').length === 0`);
    await this.page.locator(`.red-ui-typedInput-options:visible a[value="${type}"]`).click();
  }

  /** Presses Deploy; resolves when the flows have started. */
  async deploy(): Promise<void> {
    await this.page.click('#red-ui-header-button-deploy');
    await this.page.waitForFunction(DEPLOYED);
  }

  /** Presses the button that a node has on the canvas. */
  async press(id: string): Promise<void> {
    await this.node(id).locator('.red-ui-flow-node-button-button').click();
  }

  /** Presses that button; resolves when the editor has said so. It does for 2 s, so the wait begins before. */
  async pressAndHear(id: string, words: string): Promise<void> {
    const isSaid = `[...document.querySelectorAll('.red-ui-notification')].some((each) => each.textContent.includes(${JSON.stringify(words)}))`;
    await Promise.all([this.page.waitForFunction(isSaid), this.press(id)]);
  }

  /** Resolves when the node shows such a status. */
  async shows(id: string, text: string | RegExp, fill?: string): Promise<void> {
    await this.node(id).locator('.red-ui-flow-node-status-label').filter({ hasText: text }).waitFor();
    if (fill !== undefined)
      await this.node(id).locator(`[class*="red-ui-flow-node-status"][class$="-${fill}"]`).waitFor();
  }

  /** Opens an entry of the main menu. */
  async menu(id: string): Promise<void> {
    await this.page.click('#red-ui-header-button-sidemenu');
    await this.page.click(`#${id}`);
  }

  /** A node's properties, as they would be exported. */
  exported(id: string): Promise<Record<string, unknown>> {
    return this.page.evaluate(`RED.nodes.convertNode(RED.nodes.node('${id}'), false)`);
  }

  private depth(): Promise<number> {
    return this.page.locator('.red-ui-tray-breadcrumbs > li').count();
  }

  /**
   * A dialog slides in, and a new one takes the focus; only then are keys and places sure. One that comes back is in the
   * page before it begins to slide.
   */
  private async settles(depth: number, also = 'true'): Promise<void> {
    await this.page.waitForFunction(`(() => {
      const tray = document.querySelector('.red-ui-tray');
      if (document.querySelectorAll('.red-ui-tray-breadcrumbs > li').length !== ${depth}) return false;
      if (!tray) return true;
      return tray.getAnimations().length === 0 && getComputedStyle(tray).right === '0px' && ${also};
    })()`);
  }
}

async function boxOf(locator: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
  const box = await locator.boundingBox();
  if (!box) throw new Error(`${locator.toString()} is not to be seen`);
  return box;
}
