/** Bytes of an attempt: hex and text side by side, the fields of the frame marked, and what is wrong at its byte. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { printable } from '../../../src/printable';
import type { AttemptBytes } from '../../../src/trace/attempt-bytes';
import { dissect, type DissectOptions, type Dissection } from '../../../src/trace/dissect';
import { hexLines, type HexRun } from './hex-lines';
import { number, say } from './words';

/** Lines of pretty-printed JSON that are shown. */
const MAX_JSON_LINES = 100;

export function bytesView(title: string, { bytes, length }: AttemptBytes, options: DissectOptions): TemplateResult {
  const dissection = dissect(bytes, { ...options, length });
  const { fields, fault, payload } = dissection;
  const heading = `${title} · ${say('bytes', { count: number(length) })}`;
  const run = (part: keyof Pick<HexRun, 'hex' | 'text'>) => (each: HexRun) => {
    const classes = `phase0-field-${each.field ?? 'none'}`;
    return each.isFault
      ? html`<mark class=${classes} data-fault=${part}>${each[part]}</mark>`
      : html`<span class=${classes}>${each[part]}</span>`;
  };
  return html`<section class="phase0-bytes" aria-label=${heading}>
    <h5>${heading}</h5>
    ${fault ? faultView(fault) : nothing}
    <div class="phase0-hex" tabindex="0" role="group" aria-label=${say('hex')}>
      ${hexLines(bytes, dissection).map(
        ({ offset, runs }) =>
          html`<div>
            <span class="phase0-offset">${offset}</span>
            <span class="phase0-hex-bytes">${runs.map(run('hex'))}</span>
            <span class="phase0-hex-text">${runs.map(run('text'))}</span>
          </div>`,
      )}
    </div>
    <ul class="phase0-fields">
      ${fields.map(
        ({ name, start, end }) =>
          html`<li>
            <span class="phase0-field-${name}">${say(`field.${name}`)}</span>
            ${end - start === 1 ? start : `${start}–${end - 1}`}
          </li>`,
      )}
    </ul>
    ${payload?.json === undefined ? nothing : html`<pre class="phase0-json">${json(payload)}</pre>`}
  </section>`;
}

/** Expected and found come from outside, so they stand beside the translated text, not in it. */
function faultView({ at, reason, expected, found }: NonNullable<Dissection['fault']>): TemplateResult {
  return html`<p class="phase0-fault" data-at=${at}>
    <strong>${say('fault.at', { at })}</strong> ${say('fault.expected')} <code>${printable(expected)}</code>,
    ${found === undefined ? say('fault.ends') : html`${say('fault.found')} <code>${printable(found)}</code>`}
    (${reason})
  </p>`;
}

/**
 * Each line by itself: `printable` would escape the line ends, too. What is nested too deep stays as it came: indented, it
 * would take the square of its length.
 */
function json({ json: value, text }: NonNullable<Dissection['payload']>): string {
  if ((text.match(/[[{]/g)?.length ?? 0) > MAX_JSON_LINES) return printable(text);
  const lines = JSON.stringify(value, null, 2).split('\n');
  const shown = lines.slice(0, MAX_JSON_LINES).map((line) => printable(line));
  return [...shown, ...(lines.length > shown.length ? ['…'] : [])].join('\n');
}
