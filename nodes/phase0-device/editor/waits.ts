/** Preview line of the dialog: the waits between attempts that the retry settings result in. */
import { parseSettings } from '../../../src/settings/field';
import { delayAfterMs } from '../../../src/retry';
import { deviceFields } from '../../../src/settings/device';
import type { ReadInput } from '../../editor/form';

const { maxAttempts, backoffBaseMs, backoffMaxMs, jitterMs } = deviceFields;
const POLICY = { maxAttempts, backoffBaseMs, backoffMaxMs, jitterMs } as const;

/** Keeps the line as the inputs are; empty while one of them is wrong or comes from an environment variable. */
export function showWaits(node: EditorNode, read: ReadInput): void {
  const line = $('#node-config-input-waits-row');
  const update = (): void => {
    const waits = waitsOf(read);
    line.text(waits === '' ? '' : node._('phase0-device.waits', { waits }));
  };
  for (const name of Object.keys(POLICY)) $(`#node-config-input-${name}`).on('input change', update);
  update();
}

/** Such as `250–350, 500–600`, in ms. */
function waitsOf(read: ReadInput): string {
  const parsed = parseSettings(POLICY, Object.fromEntries(Object.keys(POLICY).map((name) => [name, read(name)])));
  if (!parsed.ok) return '';
  const { settings } = parsed;
  const waits = Array.from({ length: settings.maxAttempts - 1 }, (_, index) => {
    const [least, most] = [0, 1].map((share) => delayAfterMs(settings, index + 1, () => share));
    return least === most ? String(least) : `${least}–${most}`;
  });
  return waits.join(', ');
}
