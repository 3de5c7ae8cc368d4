/**
 * A process of its own in a network namespace of its own, which loses packets at random: toggles over many lanes, judged
 * by the record of the device. Arguments: ip, nft, the share of lost packets in percent. Prints its LossReport.
 */
import { execFileSync } from 'node:child_process';
import { Device } from '../../src/device/device';
import { parseSettings } from '../../src/settings/field';
import { deviceFields } from '../../src/settings/device';
import { brokenPromises, type AskedToggle } from './order-oracle';
import { RecordingDevice } from './recording-device';

export interface LossReport {
  readonly toggles: number;
  readonly confirmed: number;
  /** Confirmed after more than one attempt. */
  readonly retried: number;
  readonly broken: readonly string[];
}

const CONNECTIONS = ['per-toggle', 'persistent'] as const;
const LANES = 100;
const TOGGLES_PER_LANE = 3;
/** A lost packet of a handshake is sent again after 1 s, one of data after 0.2, 0.6 and 1.4 s. */
const LIMITS = { maxAttempts: 5, connectTimeoutMs: 2000, ioTimeoutMs: 1500, backoffBaseMs: 50 };
const [ip = '', nft = '', percent = ''] = process.argv.slice(2);

async function scene(): Promise<Record<string, LossReport>> {
  execFileSync(ip, ['link', 'set', 'lo', 'up']);
  let count = 0;
  const nextNumber = () => (count += 1);
  const peer = await RecordingDevice.start({ nextNumber });
  const rule = `numgen random mod 100 < ${percent} drop;`;
  const chain = `chain arriving { type filter hook input priority 0; ${rule} }`;
  execFileSync(nft, ['-f', '-'], { input: `table inet loss {\n${chain}\n}\n` });
  const asked: AskedToggle[] = [];
  const reports: Record<string, LossReport> = {};
  for (const connection of CONNECTIONS) {
    const own = { deviceId: connection, host: '127.0.0.1', port: peer.port, connection, reply: 'framed' };
    const settings = parseSettings(deviceFields, { ...own, ...LIMITS });
    if (!settings.ok) throw new Error(settings.problems.join());
    const device = new Device(settings.settings);
    const mine: AskedToggle[] = [];
    const lane = async (deviceId: string) => {
      for (let turn = 0; turn < TOGGLES_PER_LANE; turn += 1) {
        const toggle: AskedToggle = { deviceId, msgId: `${deviceId} ${turn}`, state: turn % 2 === 0, verdicts: [] };
        mine.push(toggle);
        const { msgId, state } = toggle;
        const verdict = await device.toggle({ deviceId, msgId, state });
        toggle.verdicts.push({ verdict, sequence: nextNumber() });
      }
    };
    await Promise.all(Array.from({ length: LANES }, (_, index) => lane(`${connection}-${index}`)));
    device.close();
    asked.push(...mine);
    const confirmed = mine.flatMap(({ verdicts }) => verdicts).filter(({ verdict }) => verdict.outcome === 'confirmed');
    reports[connection] = {
      toggles: mine.length,
      confirmed: confirmed.length,
      retried: confirmed.filter(({ verdict }) => verdict.attempts > 1).length,
      broken: brokenPromises(asked, peer.record),
    };
  }
  return reports;
}

void scene().then((reports) => {
  // Sockets of the peer may wait for a goodbye that was lost.
  process.stdout.write(JSON.stringify(reports), () => process.exit());
});
