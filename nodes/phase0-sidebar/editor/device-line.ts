/** One device in the list: its dot, name, last verdict, age, queue, sparkline, and the buttons for who may switch. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { ActionRequest } from '../../../src/trace/answers';
import type { ActionProgress } from './actions';
import type { ListedDevice } from './device-order';
import { sparkPaths, sparkSvg, sparkCounts } from './spark-svg';
import type { ButtonMark } from './virtual-list';
import { age, deviceName, number, outcomeWord, say, stateWord, verdictWords } from './words';

/** In the order of their columns. */
export const LINE_ACTIONS: readonly ActionRequest['action'][] = ['on', 'off', 'test'];
const ICONS = { on: 'fa-toggle-on', off: 'fa-toggle-off', test: 'fa-stethoscope' } as const;

/** Colour and shape: filled = on, ring = off, half = not known. */
export function dot({ summary: { state }, health }: ListedDevice): TemplateResult {
  const words = `${say(`health.${health}`)}, ${stateWord(state)}`;
  const shape = state === undefined ? 'half' : state ? 'full' : 'ring';
  return html`<span class="phase0-dot phase0-${health} phase0-${shape}" role="img" aria-label=${words} title=${words}>
  </span>`;
}

/** What the list says of a device in words. */
export function lastWords({ summary, health }: ListedDevice): string {
  const { problem, last, circuit, isLost } = summary;
  if (problem !== undefined) return say('wrongSettings');
  if (!last) return say('never');
  const extra = circuit === 'open' ? say('circuitOpen') : isLost ? say('connectionLost') : '';
  const words = health === 'good' && last.outcome === 'confirmed' ? stateWord(summary.state) : verdictWords(last);
  return extra === '' ? words : `${words} · ${extra}`;
}

export function deviceCells(
  device: ListedDevice,
  now: number,
  mayWrite: boolean,
  progress: ActionProgress | undefined,
  button: (column: number) => ButtonMark,
): TemplateResult {
  const { summary } = device;
  const { last, queue, running } = summary;
  const words = progress?.words ?? lastWords(device);
  const waiting = queue > 0 ? say('waiting', { count: number(queue) }) : running ? '…' : '';
  return html`
    <span role="gridcell" class="phase0-head">
      ${dot(device)}
      <bdi class="phase0-name" title=${deviceName(summary)}>${deviceName(summary)}</bdi>
      <span class="phase0-queue">${waiting}</span>
      <span class="phase0-age">${last ? age(now - last.at) : ''}</span>
    </span>
    <span role="gridcell" class="phase0-words phase0-${progress?.outcome ?? 'words'}" title=${words}>${words}</span>
    <span role="gridcell" class="phase0-spark-cell">${spark(summary.spark)}</span>
    ${
      mayWrite
        ? LINE_ACTIONS.map((action, index) => {
            const { id, active } = button(index + 1);
            const label = say(`action.${action}`);
            return html`<span role="gridcell"
              ><button
                type="button"
                tabindex="-1"
                class="red-ui-button red-ui-button-small ${active}"
                id=${id}
                data-button=${index + 1}
                data-action=${action}
                title=${label}
                aria-label="${label}: ${deviceName(summary)}"
                aria-disabled=${progress?.isRunning === true ? 'true' : 'false'}
              >
                <i class="fa ${ICONS[action]}" aria-hidden="true"></i></button
            ></span>`;
          })
        : nothing
    }
  `;
}

/** Summaries are replaced when they change, their sparklines mostly are not. */
const drawn = new Map<string, { readonly paths: ReturnType<typeof sparkPaths>; readonly label: string }>();
const MAX_DRAWN = 200;

export function spark(text: string | undefined): TemplateResult | typeof nothing {
  if (text === undefined) return nothing;
  let known = drawn.get(text);
  if (!known) {
    const counts = [...sparkCounts(text)].map(([outcome, count]) => `${outcomeWord(outcome)}: ${number(count)}`);
    known = { paths: sparkPaths(text), label: counts.join(', ') };
    if (drawn.size >= MAX_DRAWN) drawn.clear();
    drawn.set(text, known);
  }
  return html`<svg
    class="phase0-spark"
    viewBox="0 0 60 16"
    preserveAspectRatio="none"
    role="img"
    aria-label=${known.label}
  >
    ${sparkSvg(known.paths)}
  </svg>`;
}
