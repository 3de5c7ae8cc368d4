/** Status of a fleet node, for Status nodes and the editor: how it stands with its broker. In English. */
import type { FleetState } from '../../src/fleet/requester-connection';
import type { Status } from '../red';

export function brokerStatus({ kind }: FleetState): Status {
  if (kind === 'connected') return { fill: 'green', shape: 'dot', text: 'connected' };
  if (kind === 'connecting') return { fill: 'yellow', shape: 'ring', text: 'connecting' };
  return { fill: 'red', shape: 'ring', text: 'not connected' };
}
