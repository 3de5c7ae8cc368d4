/** Links to nodes of the flow: buttons that show them on the canvas, or open the dialog of a config node. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { printable } from '../../../src/printable';
import { say } from './words';

const MAX_LINKS = 20;

/** The nodes that use a config node, and the config node itself. */
export function canvasLinks(nodeId: string): TemplateResult {
  const config = RED.nodes.node(nodeId);
  const users = (config?.users ?? []).filter(({ z }) => z !== undefined && z !== '');
  return html`<p class="phase0-links">
    ${
      config
        ? html`<button
            type="button"
            class="red-ui-button red-ui-button-small"
            data-link="settings"
            @click=${() => RED.editor.editConfig('', String(config.type), nodeId)}
          >
            <i class="fa fa-cog" aria-hidden="true"></i> ${say('openSettings')}
          </button>`
        : nothing
    }
    ${users.slice(0, MAX_LINKS).map(({ id }) => nodeLink(id))}
  </p>`;
}

/** Nothing for a node that is not on the canvas (any more). */
export function nodeLink(id: string): TemplateResult | typeof nothing {
  const node = RED.nodes.node(id);
  if (!node) return nothing;
  const label = printable(RED.utils.getNodeLabel(node));
  return html`<button
    type="button"
    class="red-ui-button red-ui-button-small"
    data-link="node"
    title=${say('reveal')}
    @click=${() => RED.view.reveal(id)}
  >
    <i class="fa fa-crosshairs" aria-hidden="true"></i> ${label}
  </button>`;
}
