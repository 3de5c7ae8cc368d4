/** A process of its own: asks a fleet for a toggle of each device that its arguments name, and waits. Arguments: URL, ids. */
import { Fleet } from '../../src/fleet/fleet';
import { parseSettings } from '../../src/settings/field';
import { fleetFields } from '../../src/settings/fleet';

const [url = '', ...deviceIds] = process.argv.slice(2);
const parsed = parseSettings(fleetFields, {});
if (!parsed.ok) throw new Error(parsed.problems.join());
const fleet = new Fleet(parsed.settings, { url });
for (const deviceId of deviceIds) void fleet.toggle({ deviceId, msgId: `orphan-${deviceId}`, state: true });
