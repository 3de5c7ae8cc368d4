/** Markup of the device dialog's rows that hold no setting. It imports nothing from the browser: the build runs it. */
const text = (key: string) => `data-i18n="phase0-device.test.${key}"`;
const button = (name: string) =>
  `<button type="button" class="red-ui-button" id="phase0-test-${name}" ${text(name)}></button> `;

/** Buttons, result and trace of the device test. */
export const DEVICE_TEST =
  `<div class="phase0-test" role="group" aria-labelledby="phase0-test-title"><b id="phase0-test-title" ${text('title')}></b> ` +
  `${button('on')}${button('off')}${button('cancel')}<div id="phase0-test-says" role="status"></div><div role="log"><ol id="phase0-test-trace"></ol></div></div>`;

/** Row for the preview of the waits between attempts. */
export const WAITS = '<div class="form-row phase0-note" id="node-config-input-waits-row" role="status"></div>';
