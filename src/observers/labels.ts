/** Labels whose values are few, such as outcomes and bounds. */

export type Labels = Readonly<Record<string, string | number>>;

export const NO_LABELS: Labels = {};
const known = new Map<string, Map<string | number, Labels>>();

/** A label alone: the same object for each use, because prom-client writes one that it knows only once. */
export function oneLabel(name: string, value: string | number): Labels {
  const values = known.get(name) ?? new Map<string | number, Labels>();
  const labels = values.get(value) ?? { [name]: value };
  known.set(name, values.set(value, labels));
  return labels;
}
