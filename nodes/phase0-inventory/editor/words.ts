/** Faults of an inventory in the language of the editor. */
import { inWords } from '../../editor/words';
import { INVENTORY_PHRASES } from '../status-texts';

export function faultInWords(fault: string): string {
  return inWords(fault, INVENTORY_PHRASES);
}
