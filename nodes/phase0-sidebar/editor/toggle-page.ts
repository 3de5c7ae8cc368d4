/** The page of one toggle: its verdict, its timeline to scale, and the bytes of each attempt taken apart. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { printable } from '../../../src/printable';
import type { TracedAttempt, ToggleTimeline } from '../../../src/trace/toggle-timeline';
import { attemptBytes } from '../../../src/trace/attempt-bytes';
import { SHARED } from '../../phrases';
import { bytesView } from './bytes-view';
import { nodeLink } from './canvas-links';
import type { ListedDevice } from './device-order';
import { timeline } from './timeline';
import { addressText, causeText, deviceName, duration, number, say, stateWord, time, verdictWords } from './words';

export function togglePage(
  toggle: ToggleTimeline,
  device: ListedDevice | undefined,
  openDevice: () => void,
): TemplateResult {
  const { deviceId, state, at, outcome, cause, error, msgId, who, attempts, steps, address, stepsCut, worker } = toggle;
  const words = cause ? causeText(cause, address ?? device?.summary.address) : undefined;
  const name = deviceName(device?.summary ?? { deviceId });
  return html`
    <h3 tabindex="-1" class="phase0-title"><bdi>${name}</bdi> → ${stateWord(state)}</h3>
    <p class="phase0-verdict phase0-${outcome}" data-part="verdict">
      <strong>${verdictWords(toggle)}</strong> · ${duration(toggle.elapsedUs)}
    </p>
    ${
      words
        ? html`<p data-part="what">${words.what}</p>
            <p data-part="advice">${words.advice}</p>`
        : nothing
    }
    ${error === undefined ? nothing : html`<p data-part="error"><code>${printable(error)}</code></p>`}
    <dl class="phase0-facts">
      <dt>${say('fact.at')}</dt>
      <dd>${new Date(at).toLocaleDateString(RED.i18n.lang())} ${time(at)}</dd>
      <dt>${say('fact.deviceId')}</dt>
      <dd><bdi>${printable(deviceId)}</bdi></dd>
      ${
        worker === undefined
          ? html`<dt>${say('fact.address')}</dt>
              <dd>${addressText(address)}</dd>`
          : html`<dt>${say('fact.worker')}</dt>
              <dd>${printable(worker)}</dd>`
      }
      <dt>msg_id</dt>
      <dd>${printable(msgId)}</dd>
      ${
        who
          ? html`<dt>${say('fact.who')}</dt>
              <dd>${asked(who)}</dd>`
          : nothing
      }
    </dl>
    ${
      device
        ? html`<p class="phase0-links">
            <button type="button" class="red-ui-button red-ui-button-small" data-link="device" @click=${openDevice}>
              ${say('openDevice')}
            </button>
          </p>`
        : nothing
    }
    <h4>${say('timeline')}</h4>
    ${worker === undefined ? nothing : html`<p data-part="worker">${say('byWorker')}</p>`}
    ${steps.length === 0 ? html`<p>${say('noSteps')}</p>` : timeline(toggle)}
    ${stepsCut === undefined ? nothing : html`<p>${say('stepsCut', { count: number(stepsCut) })}</p>`}
    ${attempts.map((attempt) => attemptView(toggle, attempt))}
  `;
}

function asked({ nodeId, msgid }: NonNullable<ToggleTimeline['who']>): TemplateResult {
  const id = msgid === undefined ? '' : ` ${printable(msgid)}`;
  return nodeId === 'phase0' ? html`${say('thisSidebar')}` : html`${nodeLink(nodeId)}${id}`;
}

function attemptView(
  toggle: ToggleTimeline,
  { attempt, at, end, outcome, cause, error }: TracedAttempt,
): TemplateResult {
  const { steps, reply, msgId } = toggle;
  const [sent, received] = (['bytes_out', 'bytes_in'] as const).map((kind) => attemptBytes(steps, attempt, kind));
  const why = cause ? ` · ${RED._(`${SHARED}.cause.${cause}.short`)}` : '';
  return html`<section class="phase0-attempt" data-attempt=${attempt}>
    <h4>${say('attemptTitle', { attempt })} · ${outcome}${why} · ${duration(end - at)}</h4>
    ${error === undefined ? nothing : html`<p><code>${printable(error)}</code></p>`}
    ${sent && sent.length > 0 ? bytesView(say('sent'), sent, { direction: 'request' }) : nothing}
    ${
      received && received.length > 0
        ? bytesView(say('received'), received, { direction: 'reply', msgId, ...(reply && { reply }) })
        : nothing
    }
  </section>`;
}
