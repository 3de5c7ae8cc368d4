/** Markup of the fleet dialog's rows that hold no setting. It imports nothing from the browser: the build runs it. */
import { iconOf } from '../../editor/icons';

const text = (key: string) => `data-i18n="phase0-fleet.${key}"`;

/** Rows of the credentials; the editor fills their inputs, and sends only what was changed there. */
const secret = (name: string, type: string) =>
  `<div class="form-row" id="node-config-input-${name}-row"><label for="node-config-input-${name}">${iconOf(name)} ` +
  `<span ${text(`label.${name}`)}></span></label> ` +
  `<input type="${type}" id="node-config-input-${name}" autocomplete="off"></div>`;

export const USERNAME = secret('username', 'text');
export const PASSWORD = secret('password', 'password');

/** Button and result of the broker test. */
export const BROKER_TEST =
  `<div class="phase0-test" role="group" aria-labelledby="phase0-broker-title"><b id="phase0-broker-title" ${text('test.title')}></b> ` +
  `<button type="button" class="red-ui-button" id="phase0-broker-test" ${text('test.start')}></button> ` +
  '<div id="phase0-broker-says" role="status"></div></div>';
