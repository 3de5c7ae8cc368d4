/**
 * A process in its own network namespace, where packets may be dropped: a device and its peer, whose
 * connection falls silent without a FIN. Arguments: ip, nft, what falls silent. Prints its SceneReport.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Device } from '../../src/device/device';
import { parseSettings } from '../../src/settings/field';
import { FrameDecoder } from '../../src/protocol/frame';
import { decodeToggle, encodeReply } from '../../src/protocol/toggle';
import { deviceFields } from '../../src/settings/device';
import type { Verdict } from '../../src/verdict';

/** What falls silent: the port of the peer, or only the connection that was open. */
export type Silence = 'port' | 'connection';

export interface SceneReport {
  /** Before, during and after the silence. */
  readonly verdicts: readonly [Verdict, Verdict, Verdict];
  /** That the peer accepted. */
  readonly connections: number;
  /** The states that it received, in order, until well after the silence. */
  readonly heard: readonly boolean[];
  readonly limits: typeof LIMITS;
}

const LIMITS = { maxAttempts: 2, connectTimeoutMs: 300, ioTimeoutMs: 400, backoffBaseMs: 50, jitterMs: 0 };
const HOST = '127.0.0.1';
/** The system tries again to deliver what it holds, at ever longer distances; by then it has. */
const DELIVERED_MS = 2500;
const [ip = '', nft = '', silence] = process.argv.slice(2);

async function scene(): Promise<SceneReport> {
  execFileSync(ip, ['link', 'set', 'lo', 'up']);
  const sockets: Socket[] = [];
  const heard: boolean[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined));
    const decoder = new FrameDecoder();
    socket.on('data', (chunk) =>
      decoder.push(chunk, ({ payload }) => {
        const { msgId, state } = decodeToggle(payload);
        heard.push(state);
        socket.write(encodeReply({ kind: 'ack', msgId, state }));
      }),
    );
  }).listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const own = { deviceId: 'lamp', host: HOST, port, connection: 'persistent', reply: 'framed' };
  const settings = parseSettings(deviceFields, { ...own, ...LIMITS });
  if (!settings.ok) throw new Error(settings.problems.join());
  const device = new Device(settings.settings);

  const before = await device.toggle({ state: true });
  drop(silence === 'port' ? port : sockets[0]?.remotePort);
  const during = await device.toggle({ state: false });
  execFileSync(nft, ['delete', 'table', 'inet', 'silence']);
  const after = await device.toggle({ state: true });
  await new Promise((resolve) => setTimeout(resolve, DELIVERED_MS));
  device.close();
  return { verdicts: [before, during, after], connections: sockets.length, heard, limits: LIMITS };
}

/** From now on packets from and to this port are dropped silently. */
function drop(port = 0): void {
  const rules = `tcp sport ${port} drop; tcp dport ${port} drop;`;
  const chain = `chain arriving { type filter hook input priority 0; ${rules} }`;
  execFileSync(nft, ['-f', '-'], { input: `table inet silence {\n${chain}\n}\n` });
}

void scene().then((report) => {
  // The peer's sockets may wait for a goodbye that was dropped.
  process.stdout.write(JSON.stringify(report), () => process.exit());
});
