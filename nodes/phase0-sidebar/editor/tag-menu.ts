/** The menu that filters by tag. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { printable } from '../../../src/printable';
import { say } from './words';

/** As many tags as a menu can take. */
const MAX_TAGS = 500;

/** Nothing without tags. `choose` gets the tag; empty for every one. */
export function tagMenu(
  id: string,
  tags: readonly string[],
  chosen: string,
  choose: (tag: string) => void,
): TemplateResult | typeof nothing {
  if (tags.length === 0) return nothing;
  return html`<select
    id=${id}
    aria-label=${say('filterTag')}
    @change=${(event: Event) => choose((event.target as HTMLSelectElement).value)}
  >
    <option value="">${say('everyTag')}</option>
    ${tags
      .slice(0, MAX_TAGS)
      .map((tag) => html`<option value=${tag} ?selected=${tag === chosen}>${printable(tag)}</option>`)}
  </select>`;
}
