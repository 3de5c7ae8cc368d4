/** What is around the views of the tab: the buttons that choose one, what is wrong with the trace, and the way back. */
import { html, type TemplateResult } from 'lit-html';
import { say } from './words';

const TABS = ['devices', 'trace'] as const;
export type Tab = (typeof TABS)[number];

export interface FrameContext {
  readonly tab: Tab;
  /** What is wrong with the trace; empty if nothing is. */
  readonly trouble: string;
  readonly choose: (tab: Tab) => void;
}

export function frame(content: TemplateResult, { tab, trouble, choose }: FrameContext): TemplateResult {
  const button = (each: Tab) =>
    html`<button
      type="button"
      role="tab"
      id="phase0-tab-${each}"
      aria-controls="phase0-panel"
      aria-selected=${each === tab ? 'true' : 'false'}
      @click=${() => choose(each)}
    >
      ${say(`tab.${each}`)}
    </button>`;
  return html`
    <div role="tablist" class="phase0-tabs" aria-label="Phase 0">${TABS.map(button)}</div>
    <p class="phase0-quiet" role="status" id="phase0-quiet">${trouble}</p>
    <div role="tabpanel" id="phase0-panel" class="phase0-panel" aria-labelledby="phase0-tab-${tab}">${content}</div>
  `;
}

/** A page in place of a list. */
export function pageFrame(content: unknown, back: () => void): TemplateResult {
  return html`<div class="phase0-page">
    <button type="button" class="red-ui-button red-ui-button-small" id="phase0-back" @click=${back}>
      <i class="fa fa-chevron-left" aria-hidden="true"></i> ${say('back')}
    </button>
    ${content}
  </div>`;
}
