/** The page of one device: what it does and why, its settings and counts, its latest toggles, and links to the canvas. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import { printable } from '../../../src/printable';
import type { ActionRequest, DeviceSummary, ShownSettings } from '../../../src/trace/answers';
import type { ToggleTimeline } from '../../../src/trace/toggle-timeline';
import { SHOWN_SETTINGS } from '../../../src/trace/shown-settings';
import { OUTCOMES } from '../../../src/trace/spark';
import { SHARED } from '../../phrases';
import type { ActionProgress } from './actions';
import { canvasLinks } from './canvas-links';
import { dot, lastWords, LINE_ACTIONS, spark } from './device-line';
import type { ListedDevice } from './device-order';
import {
  addressText,
  age,
  causeText,
  deviceName,
  duration,
  number,
  outcomeWord,
  say,
  stateWord,
  time,
  verdictWords,
} from './words';

const MAX_TOGGLES = 20;

export interface DevicePageContext {
  readonly now: number;
  readonly mayWrite: boolean;
  readonly progress: ActionProgress | undefined;
  /** Undefined while they are not known, and so are the settings. */
  readonly toggles: readonly ToggleTimeline[] | undefined;
  readonly settings: ShownSettings | undefined;
  /** A test needs a state to ask for, since the device's is not known. */
  readonly asksState: boolean;
  readonly act: (action: ActionRequest['action'], state?: boolean) => void;
  readonly open: (toggle: ToggleTimeline) => void;
}

export function devicePage(device: ListedDevice, context: DevicePageContext): TemplateResult {
  const { summary } = device;
  const { last, address, problem } = summary;
  const cause = last?.cause ? causeText(last.cause, address) : undefined;
  return html`
    <h3 tabindex="-1" class="phase0-title">${dot(device)} <bdi>${deviceName(summary)}</bdi></h3>
    <p class="phase0-verdict phase0-${last?.outcome ?? 'none'}" data-part="verdict">
      <strong>${lastWords(device)}</strong>${last ? ` · ${age(context.now - last.at)}` : ''}
    </p>
    ${problem === undefined ? nothing : html`<p data-part="problem">${printable(problem)}</p>`}
    ${
      cause
        ? html`<p data-part="what">${cause.what}</p>
            <p data-part="advice">${cause.advice}</p>`
        : nothing
    }
    ${last?.error === undefined ? nothing : html`<p data-part="error"><code>${printable(last.error)}</code></p>`}
    ${context.mayWrite ? actions(context) : nothing} ${facts(summary, context.settings)}
    <h4>${say('usedBy')}</h4>
    ${canvasLinks(summary.nodeId)}
    <h4>${say('latest')}</h4>
    ${latest(context)}
  `;
}

function actions({ progress, asksState, act }: DevicePageContext): TemplateResult {
  const button = (action: ActionRequest['action'], state?: boolean) =>
    html`<button
      type="button"
      class="red-ui-button"
      data-action=${action}
      data-state=${state === undefined ? '' : String(state)}
      aria-disabled=${progress?.isRunning === true ? 'true' : 'false'}
      @click=${() => act(action, state)}
    >
      ${state === undefined ? say(`action.${action}`) : `${say('action.test')}: ${stateWord(state)}`}
    </button> `;
  return html`<div class="phase0-actions">
    ${LINE_ACTIONS.map((action) => button(action))}
    ${
      asksState
        ? html`<p>${say('testAsks')}</p>
            ${button('test', true)}${button('test', false)}`
        : nothing
    }
    <div role="status" data-part="progress" class="phase0-${progress?.outcome ?? 'none'}">${progress?.words ?? ''}</div>
  </div>`;
}

function facts(summary: DeviceSummary, known: ShownSettings | undefined): TemplateResult {
  const { deviceId, address, tags = [], connection, isLost, circuit, queue, counts, state, stateSince } = summary;
  const since =
    state === undefined || stateSince === undefined ? '' : ` · ${new Date(stateSince).toLocaleString(RED.i18n.lang())}`;
  const verdicts = OUTCOMES.flatMap((outcome) =>
    counts[outcome] > 0 ? [`${number(counts[outcome])}\u00a0${outcomeWord(outcome)}`] : [],
  );
  const rows: readonly (readonly [string, unknown])[] = [
    [say('fact.deviceId'), html`<bdi>${printable(deviceId)}</bdi>`],
    [say('fact.address'), addressText(address)],
    [say('fact.state'), `${stateWord(state)}${since}`],
    ...(tags.length > 0 ? [[say('fact.tags'), printable(tags.join(', '))] as const] : []),
    ...(connection
      ? [[say('fact.connection'), isLost ? say('connectionLost') : say(`connection.${connection}`)] as const]
      : []),
    ...(circuit ? [[say('fact.circuit'), say(`circuit.${circuit}`)] as const] : []),
    [say('fact.queue'), number(queue)],
    [say('fact.counts'), verdicts.join(' · ') || number(0)],
    // A device without an address has none: its settings are wrong, or only a worker of a fleet knows them.
    ...(known || address ? settings(known) : []),
  ];
  return html`<div class="phase0-wide-spark">${spark(summary.spark)}</div>
    <dl class="phase0-facts">
      ${rows.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>`;
}

/** With a place for each while they are not known, so that nothing below moves when they come. */
function settings(known: ShownSettings | undefined): readonly (readonly [string, string])[] {
  return SHOWN_SETTINGS.map((name) => {
    const value = known ? printable(String(known[name])) : '…';
    return [RED._(`${SHARED}.label.${name}`), `${value}${unitOf(name)}`];
  });
}

function unitOf(name: keyof ShownSettings): string {
  if (name === 'breakerFailures') return ` ${RED._(`${SHARED}.unit.toggles-0-off`)}`;
  return name.endsWith('Ms') ? ' ms' : '';
}

/** Each toggle keeps its button as newer ones come, so that the button with the focus stays that of the same toggle. */
function latest({ toggles, open }: DevicePageContext): TemplateResult | typeof nothing {
  if (!toggles) return nothing;
  if (toggles.length === 0) return html`<p>${say('noToggles')}</p>`;
  return html`<ul class="phase0-latest">
    ${repeat(
      toggles.slice(0, MAX_TOGGLES),
      ({ seq }) => seq,
      (toggle) =>
        html`<li>
          <button type="button" class="phase0-${toggle.outcome}" data-seq=${toggle.seq} @click=${() => open(toggle)}>
            ${time(toggle.at)} ${stateWord(toggle.state)} · ${verdictWords(toggle)} · ${duration(toggle.elapsedUs)}
          </button>
        </li>`,
    )}
  </ul>`;
}
