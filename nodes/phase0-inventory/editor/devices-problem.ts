/** Check of the saved rows by the editor, with the words of the runtime. */
import { inventoryFields, type InventoryDefaults } from '../../../src/inventory/columns';
import { faultText } from '../../../src/inventory/faults';
import { readInventoryRows } from '../../../src/inventory/json';
import { faultInWords } from './words';
import { isEnvReference, parseSettings } from '../../../src/settings/field';

/** The defaults of the rows as a dialog or a node has them; a wrong one is a problem of its own. */
export function defaultsOf(value: (name: string) => unknown, hasTls: boolean): InventoryDefaults {
  const entries = Object.entries(inventoryFields).map(([name, field]): [string, unknown] => {
    const given = name === 'tls' ? hasTls : value(name);
    return [name, given === undefined || field.read(given) === undefined ? field.default : given];
  });
  const parsed = parseSettings(inventoryFields, Object.fromEntries(entries));
  if (!parsed.ok) throw new Error(parsed.problems.join('; '));
  return parsed.settings;
}

/** The first fault of a node's rows; undefined if there is none, or if they are in a file. */
export function devicesProblem(node: EditorNode, devices: unknown): string | undefined {
  if (node.source === 'file') return undefined;
  // An environment variable is known only when the node starts.
  if (Array.isArray(devices) && devices.some((row) => Object.values(row as object).some(isEnvReference)))
    return undefined;
  const reading = readInventoryRows(
    devices ?? [],
    defaultsOf((name) => node[name], Boolean(node.tls)),
  );
  const [first] = reading.ok ? [] : reading.faults;
  return first && faultInWords(faultText(first));
}
