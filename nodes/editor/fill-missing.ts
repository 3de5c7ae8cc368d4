/** Owns dialogs of flows that an older version saved: what they lack is shown as its default, as the runtime takes it. */
import type { Fields } from '../../src/field';

/** To be called by oneditprepare; `prefix` is that of the inputs' ids. */
export function fillMissing(fields: Fields, node: object, prefix: 'node-input' | 'node-config-input'): void {
  for (const [name, { default: fallback }] of Object.entries(fields)) {
    if ((node as Readonly<Record<string, unknown>>)[name] !== undefined) continue;
    $(`#${prefix}-${name}`).val(String(fallback)).trigger('change');
  }
}
