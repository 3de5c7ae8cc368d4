/** Credentials of a config node as its dialog has them, which may have been changed and not deployed. */
import type { NodeApi } from './red';

/** The editor's placeholder for a saved password. */
const UNKNOWN_PASSWORD = '__PWRD__';

/** The deployed ones, with what was edited in their place. */
export function editedCredentials(RED: NodeApi, id: string, edited: object): Readonly<Record<string, unknown>> {
  const known = Object.entries(edited).filter(([, value]) => value !== UNKNOWN_PASSWORD);
  return { ...RED.nodes.getCredentials(id), ...Object.fromEntries(known) };
}
