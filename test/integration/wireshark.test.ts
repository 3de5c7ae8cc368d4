/** The export for Wireshark, read by tshark with our dissector: every field of a known run is what was sent and received. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Device } from '../../src/device/device';
import { deviceFields } from '../../src/settings/device';
import { parseSettings } from '../../src/settings/field';
import type { TracedAttempt, ToggleTimeline } from '../../src/trace/toggle-timeline';
import { attemptBytes } from '../../src/trace/attempt-bytes';
import { dissect } from '../../src/trace/dissect';
import { PcapngWriter } from '../../src/trace/pcapng';
import { TraceRecorder } from '../../src/trace/recorder';
import { frame, scripted } from '../support/devices';
import { requires } from '../support/requirements';
import { inventoryOf } from '../support/traced';

const DISSECTOR = resolve('docs/wireshark/phase0.lua');
const FIELDS = ['magic', 'version', 'length', 'opcode', 'device_id', 'msg_id', 'state', 'error', 'raw'] as const;
type Row = Readonly<Record<(typeof FIELDS)[number], string>>;

/** The reply of each device, in pieces; each is a packet of its own. */
const REPLIES: Readonly<Record<string, (msgId: string) => readonly (string | Buffer)[]>> = {
  framed: (msgId) => [frame(`{"opcode":"ack","msg_id":"${msgId}","state":true}`)],
  'in pieces': (msgId) => {
    const whole = frame(`{"opcode":"ack","msg_id":"${msgId}","state":false}`);
    return [whole.subarray(0, 3), whole.subarray(3, 20), whole.subarray(20)];
  },
  refuses: (msgId) => [frame(`{"opcode":"nack","msg_id":"${msgId}","error":"\\u00fcber \\"9000\\" \\ud83d\\udd25"}`)],
  raw: () => ['ACK\r\n'],
  'raw in pieces': () => ['A', 'C', 'K'],
  'not a device': () => ['HTTP/1.1 400 Bad Request\r\n\r\n'],
  'bad version': () => [Buffer.from('f00d0200000000', 'hex')],
  'größe "ü"': (msgId) => [frame(`{ "other": { "opcode": "x" }, "msg_id": "${msgId}", "opcode": "ack" }`)],
};

describe('the export for Wireshark', function () {
  this.timeout(60_000);
  const tshark = requires('tshark');
  const folder = mkdtempSync(join(tmpdir(), 'phase0-wireshark-'));
  after(() => rmSync(folder, { recursive: true }));

  /** What tshark says of each frame or raw reply. */
  const rowsOf = (file: string): Row[] => {
    const wanted = FIELDS.flatMap((field) => ['-e', `phase0.${field}`]);
    const args = ['-X', `lua_script:${DISSECTOR}`, '-r', file, '-Y', 'phase0', '-T', 'fields', '-E', 'separator=/t'];
    const output = execFileSync(tshark, [...args, ...wanted], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return output
      .replace(/\n$/, '')
      .split('\n')
      .map((line) => Object.fromEntries(line.split('\t').map((value, index) => [FIELDS[index], value])) as Row);
  };

  it('has every field of a known run, as tshark reads it', async () => {
    const recorder = new TraceRecorder();
    const observers = [recorder.observer(inventoryOf('inv', Object.keys(REPLIES)))];
    for (const [deviceId, reply] of Object.entries(REPLIES)) {
      const port = await scripted((socket, msgId) => {
        const [first = '', ...others] = reply(msgId);
        socket.setNoDelay(true).write(first);
        // A piece goes out when the one before it has arrived.
        for (const [index, piece] of others.entries()) setTimeout(() => socket.write(piece), 30 * (index + 1));
      });
      const settings = { deviceId, host: '127.0.0.1', port, maxAttempts: 1 };
      const parsed = parseSettings(deviceFields, settings);
      assert.ok(parsed.ok);
      const device = new Device(parsed.settings, { observers });
      await device.toggle({ state: deviceId !== 'raw' });
      device.close();
    }
    const timelines = [...recorder.timelines({})];
    assert.equal(timelines.length, Object.keys(REPLIES).length);
    const writer = new PcapngWriter();
    const file = join(folder, 'run.pcapng');
    writeFileSync(file, Buffer.concat([writer.header(), ...timelines.map((each) => writer.toggle(each))]));
    assert.deepEqual(rowsOf(file), timelines.flatMap(expectedRows));

    const tcp = ['-o', 'tcp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE', '-r', file];
    const wrong =
      'tcp.checksum.status == "Bad" || ip.checksum.status == "Bad" || tcp.analysis.lost_segment || _ws.malformed';
    assert.equal(
      execFileSync(tshark, [...tcp, '-Y', wrong], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
      '',
    );
  });

  it('opens with attempts that got no connection, names, IPv6 and replies that were cut', () => {
    const attempt = { attempt: 1, at: 0, end: 5000, outcome: 'connection_failed' } as const satisfies TracedAttempt;
    const base = {
      seq: 1,
      nodeId: 'n',
      deviceId: 'd',
      msgId: 'm',
      at: 1_767_225_600_000.125,
      elapsedUs: 5000,
    } as const;
    const failed = {
      ...base,
      outcome: 'failed',
      attempts: [{ ...attempt, cause: 'port_refused' }],
      steps: [],
    } as const;
    const steps = [
      { kind: 'send', at: 100, attempt: 1 },
      { kind: 'bytes_in', at: 200, attempt: 1, bytes: Buffer.from('f00d01').toString('base64'), length: 200_000 },
    ] as const;
    const address = (host: string) => ({ address: { host, port: 9000, tls: false } });
    const toggles: readonly ToggleTimeline[] = [
      { ...failed, ...address('lamp.local') },
      { ...failed, ...address('fe80::1%eth0') },
      { ...base, outcome: 'unknown', attempts: [{ ...attempt, outcome: 'timeout' }], steps, ...address('lamp.local') },
      { ...base, outcome: 'dropped', attempts: [], steps: [] },
    ];
    const writer = new PcapngWriter();
    const file = join(folder, 'edges.pcapng');
    writeFileSync(file, Buffer.concat([writer.header(), ...toggles.map((each) => writer.toggle(each))]));
    const args = [
      '-n',
      '-r',
      file,
      '-T',
      'fields',
      '-e',
      'frame.time_epoch',
      '-e',
      'ip.dst',
      '-e',
      'ipv6.dst',
      '-e',
      'tcp.flags.str',
    ];
    const lines = execFileSync(tshark, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      .trimEnd()
      .split('\n');
    assert.match(lines[0] ?? '', /^1767225600\.000125000\t198\.18\.0\.1\t\t.*S/);
    assert.match(lines[1] ?? '', /R/);
    assert.match(lines[2] ?? '', /\tfe80::1\t/);
    assert.equal(lines.length, 2 + 2 + 3 + 4 + 1);
  });
});

/** What the run itself says: the request, and the reply as far as there is one. */
function expectedRows(timeline: ToggleTimeline): Row[] {
  const out = attemptBytes(timeline.steps, 1, 'bytes_out').bytes;
  const incoming = attemptBytes(timeline.steps, 1, 'bytes_in').bytes;
  return [rowOf(out, 'request'), rowOf(incoming, 'reply')];
}

function rowOf(bytes: Uint8Array, direction: 'request' | 'reply'): Row {
  const { fields, payload } = dissect(bytes, { direction });
  const has = (name: string) => fields.some((field) => field.name === name);
  const json = (payload?.json ?? {}) as Readonly<Record<string, unknown>>;
  const text = (key: string) => (typeof json[key] === 'string' ? json[key] : '');
  // tshark shows a line end as it is written in C.
  const raw = Buffer.from(bytes).toString('latin1').replaceAll('\r', '\\r').replaceAll('\n', '\\n');
  return {
    magic: has('magic') ? '0xf00d' : '',
    version: has('version') ? String(bytes[2]) : '',
    length: has('length') ? String(bytes.length - 7) : '',
    opcode: text('opcode'),
    device_id: text('device_id'),
    msg_id: text('msg_id'),
    state: typeof json.state === 'boolean' ? (json.state ? '1' : '0') : '',
    error: text('error'),
    raw: has('magic') ? '' : raw,
  };
}
