/** Parts of the table's markup. */

/** The element `phase0-table-<name>`, of that kind. */
export type TablePart = (name: string) => HTMLInputElement & HTMLButtonElement;

/** Those of the dialog that opens: it is not in the page while another one is above it, and answers still come. */
export function tableParts(): TablePart {
  const row = document.getElementById('node-config-input-table-row') as HTMLElement;
  return (name) => row.querySelector(`#phase0-table-${name}`) as HTMLInputElement & HTMLButtonElement;
}
