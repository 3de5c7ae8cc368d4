/** Simulated devices at so many ports, in a process of their own. Sends the ports; ends with its parent. */
import { startPlant } from '../support/plant';

void startPlant(Number(process.argv[2])).then(({ rows }) => process.send?.(rows.map(({ port }) => port)));
process.once('disconnect', () => process.exit());
