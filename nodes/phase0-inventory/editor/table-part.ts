/** Parts of the table's markup. */

/** The element `phase0-table-<name>`, which the dialog's own markup has, of that kind. */
export function tablePart(name: string): HTMLInputElement & HTMLButtonElement {
  return document.getElementById(`phase0-table-${name}`) as HTMLInputElement & HTMLButtonElement;
}
