/**
 * A process of its own that runs out of something that a connection needs, and gets it back. Arguments: what runs out;
 * `connection` of the device; then for `handles`, which expects a low `ulimit -n`, the port of a RecordingDevice in
 * another process; for `ports`, which expects a network namespace of its own, ip. Prints its ExhaustionReport.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { Device } from '../../src/device/device';
import { parseSettings } from '../../src/settings/field';
import { deviceFields } from '../../src/settings/device';
import type { Verdict } from '../../src/verdict';
import { RecordingDevice, type RecordedCommand } from './recording-device';

export interface ExhaustionReport {
  /** While there is nothing left, while a little is left for many, and when all is there again. */
  readonly without: readonly Verdict[];
  readonly scarce: readonly Verdict[];
  readonly after: readonly Verdict[];
  /** What the device of this process received, if it is here. */
  readonly record: readonly RecordedCommand[];
}

const HOST = '127.0.0.1';
/** Connections or handles that are left when they are scarce. */
const LEFT = 4;
const TOGGLES = 40;
const LIMITS = { connectTimeoutMs: 2000, ioTimeoutMs: 2000, maxAttempts: 2, backoffBaseMs: 20 };
const PORT_RANGE = '/proc/sys/net/ipv4/ip_local_port_range';
const LOCAL_PORTS = [50_000, 50_019] as const;
const [what, connection = '', where = ''] = process.argv.slice(2);

async function scene(): Promise<ExhaustionReport> {
  const peer = what === 'ports' ? await localPeer() : undefined;
  const port = peer?.port ?? Number(where);
  const own = { deviceId: 'lamp', host: HOST, port, connection, reply: 'framed' };
  const settings = parseSettings(deviceFields, { ...own, ...LIMITS });
  if (!settings.ok) throw new Error(settings.problems.join());
  const device = new Device(settings.settings);
  const burst = (name: string): Promise<Verdict[]> => {
    const one = (index: number) => device.toggle({ deviceId: `lamp-${index}`, msgId: `${name} ${index}`, state: true });
    return Promise.all(Array.from({ length: TOGGLES }, (_, index) => one(index)));
  };

  const taken = peer ? new Ports(port) : new Handles();
  await taken.takeAll();
  const without = await burst('without');
  await taken.giveBack(LEFT);
  const scarce = await burst('scarce');
  await taken.giveBackAll();
  const after = await burst('after');
  device.close();
  return { without, scarce, after, record: peer?.record ?? [] };
}

function localPeer(): Promise<RecordingDevice> {
  execFileSync(where, ['link', 'set', 'lo', 'up']);
  let count = 0;
  return RecordingDevice.start({ nextNumber: () => (count += 1) });
}

/** Every file handle that the process may have. */
class Handles {
  private readonly taken: number[] = [];

  takeAll(): void {
    for (;;) {
      try {
        this.taken.push(openSync('/dev/null', 'r'));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EMFILE') return;
        throw error;
      }
    }
  }

  giveBack(count: number): void {
    for (const handle of this.taken.splice(0, count)) closeSync(handle);
  }

  giveBackAll(): void {
    this.giveBack(Infinity);
  }
}

/** Every local port from which the device can be reached. */
class Ports {
  private readonly taken: Socket[] = [];
  private readonly range = readFileSync(PORT_RANGE);

  constructor(private readonly port: number) {}

  async takeAll(): Promise<void> {
    writeFileSync(PORT_RANGE, LOCAL_PORTS.join(' '));
    for (;;) {
      const socket = connect(this.port, HOST);
      try {
        await once(socket, 'connect');
        this.taken.push(socket);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EADDRNOTAVAIL') return;
        throw error;
      }
    }
  }

  /** Reset, because an orderly close keeps a port for a while. */
  async giveBack(count: number): Promise<void> {
    for (const socket of this.taken.splice(0, count)) {
      const closed = once(socket, 'close');
      socket.resetAndDestroy();
      await closed;
    }
  }

  /** Also the range: the toggles before have closed in order. */
  async giveBackAll(): Promise<void> {
    await this.giveBack(Infinity);
    writeFileSync(PORT_RANGE, this.range);
  }
}

void scene().then((report) => process.stdout.write(JSON.stringify(report), () => process.exit()));
