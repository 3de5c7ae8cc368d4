/** One toggle in the list of the trace: when, which device, what was asked for, its verdict and how long it took. */
import { html, type TemplateResult } from 'lit-html';
import type { ToggleTimeline } from '../../../src/trace/toggle-timeline';
import type { ListedDevice } from './device-order';
import { deviceName, duration, number, say, stateWord, time, verdictWords } from './words';

export function toggleCells(toggle: ToggleTimeline, device: ListedDevice | undefined): TemplateResult {
  const { at, deviceId, state, attempts, elapsedUs, outcome } = toggle;
  const name = deviceName(device?.summary ?? { deviceId });
  const tries = attempts.length > 1 ? ` · ${say('attempts', { count: number(attempts.length) })}` : '';
  return html`
    <span role="gridcell" class="phase0-head">
      <span class="phase0-time">${time(at)}</span>
      <bdi class="phase0-name" title=${name}>${name}</bdi>
      <span class="phase0-age">${stateWord(state)}</span>
    </span>
    <span role="gridcell" class="phase0-words phase0-${outcome}">${verdictWords(toggle)}${tries}</span>
    <span role="gridcell" class="phase0-age">${duration(elapsedUs)}</span>
  `;
}
