/** Markup of the inventory dialog's rows that hold no setting. It imports nothing from the browser: the build runs it. */
const text = (key: string) => `data-i18n="phase0-inventory.table.${key}"`;
const button = (name: string) =>
  `<button type="button" class="red-ui-button red-ui-button-small" id="phase0-table-${name}" ${text(name)}></button> `;

/** What the runtime has read last. */
export const READING = '<div class="phase0-note" id="node-config-input-reading-row" role="status"></div>';

/** The rows, as a table to edit in place. */
export const TABLE =
  '<div class="phase0-inventory" id="node-config-input-table-row" role="group">' +
  `<div class="phase0-tools">${button('add')}${button('importCsv')}${button('exportCsv')}` +
  '<input type="search" id="phase0-table-filter" data-i18n="[placeholder]phase0-inventory.table.filter">' +
  '<span id="phase0-table-count" role="status"></span></div>' +
  '<input type="file" id="phase0-table-file" accept=".csv,.tsv,.txt,text/csv" hidden>' +
  '<div class="phase0-table" id="phase0-table" role="table" tabindex="0"></div>' +
  '<ul class="phase0-faults" id="phase0-table-faults" role="status"></ul>' +
  `<div class="phase0-tools">${button('testOn')}${button('testOff')}${button('cancel')}<span id="phase0-table-tested" role="status"></span></div>` +
  '</div>';
