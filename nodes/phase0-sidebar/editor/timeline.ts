/** A toggle's timeline, drawn to scale: one line for each segment, below each other, under one axis. */
import { scaleLinear } from 'd3-scale';
import { html, nothing, svg, type TemplateResult } from 'lit-html';
import type { ToggleTimeline } from '../../../src/trace/toggle-timeline';
import { marksOf, segmentsOf, type Segment } from './segments';
import { duration, say } from './words';

/** Units of the drawing, which is stretched to the width of the sidebar. */
const WIDTH = 1000;
const HEIGHT = 10;
/** So that what takes no time to speak of is still seen. */
const LEAST = 4;
/** A toggle has at most 10 attempts, with four segments each. */
const MAX_SEGMENTS = 60;

/** Nothing for a toggle without any part that took time, such as one of a fleet. */
export function timeline(toggle: ToggleTimeline): TemplateResult | typeof nothing {
  const segments = segmentsOf(toggle).slice(0, MAX_SEGMENTS);
  if (segments.length === 0) return nothing;
  const scale = scaleLinear()
    .domain([0, Math.max(1, toggle.elapsedUs)])
    .range([0, WIDTH]);
  const ticks = scale.ticks(3);
  const marks = marksOf(toggle);
  const line = (segment: Segment) => {
    const [from, to] = [scale(segment.start), scale(segment.end)];
    const width = Math.max(LEAST, to - from);
    const own = marks.filter(
      ({ attempt, at }) => attempt === segment.attempt && at >= segment.start && at <= segment.end,
    );
    const name = say(`segment.${segment.kind}`);
    const took = `${duration(segment.end - segment.start)}${segment.isCut ? ' ✕' : ''}`;
    return html`<li>
      <span class="phase0-segment-name">${segment.attempt === undefined ? name : `${segment.attempt}. ${name}`}</span>
      <span class="phase0-took">${took}</span>
      <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
        ${ticks.map((tick) => svg`<line class="phase0-tick" x1=${scale(tick)} x2=${scale(tick)} y1="0" y2=${HEIGHT} />`)}
        <rect
          class="phase0-segment-${segment.kind}"
          x=${Math.min(from, WIDTH - LEAST)}
          y="1"
          width=${width}
          height=${HEIGHT - 2}
        />
        ${own.map(({ at }) => svg`<line class="phase0-mark" x1=${scale(at)} x2=${scale(at)} y1="0" y2=${HEIGHT} />`)}
      </svg>
    </li>`;
  };
  return html`<ol class="phase0-timeline" aria-label=${say('timeline')}>
    ${segments.map(line)}
    <li aria-hidden="true">
      <span class="phase0-axis">${ticks.map((tick) => axisLabel(scale(tick) / (WIDTH / 100), duration(tick)))}</span>
    </li>
  </ol>`;
}

/** The first label begins where the axis does, and one at its end ends there. */
function axisLabel(percent: number, text: string): TemplateResult {
  return html`<span style="left:${percent}%;transform:translateX(-${percent}%)">${text}</span>`;
}
