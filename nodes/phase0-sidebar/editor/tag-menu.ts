/** The menu that filters by tag. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import { printable } from '../../../src/printable';
import { say } from './words';

/** As many tags as a menu can take. */
const MAX_TAGS = 500;

/** Nothing without tags. `choose` gets the tag; empty for every one. The chosen one is there also if no device has it. */
export function tagMenu(
  id: string,
  tags: readonly string[],
  chosen: string,
  choose: (tag: string) => void,
): TemplateResult | typeof nothing {
  const offered = tags.filter((tag) => tag !== chosen).slice(0, MAX_TAGS);
  if (chosen !== '') offered.push(chosen);
  offered.sort();
  if (offered.length === 0) return nothing;
  return html`<select
    id=${id}
    aria-label=${say('filterTag')}
    @change=${(event: Event) => choose((event.target as HTMLSelectElement).value)}
  >
    <option value="">${say('everyTag')}</option>
    ${repeat(
      offered,
      (tag) => tag,
      (tag) => html`<option value=${tag} .selected=${tag === chosen}>${printable(tag)}</option>`,
    )}
  </select>`;
}
