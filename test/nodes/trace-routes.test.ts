/** Routes of the packet trace in a real Node-RED: what they tell, to whom, and what they forget. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import type { DeviceAnswer, DevicesAnswer, DeviceSummary, TogglesAnswer } from '../../src/trace/answers';
import type { ToggleTimeline } from '../../src/trace/toggle-timeline';
import { useSimulator } from '../support/fixtures';
import { startNodeRed, type NodeRed } from '../support/node-red';
import { requires } from '../support/requirements';

const TAB = 'f000000000000050';
const DEVICE = 'd000000000000050';
const INVENTORY = 'e000000000000050';
const TOGGLE = 'b000000000000050';
const ROW_TOGGLE = 'b000000000000051';
const GHOST_TOGGLE = 'b000000000000052';

const LAMP = `${DEVICE}:lamp`;
const ROW = `${INVENTORY}:row-1`;

function flowsFor(port: number, rows: readonly string[] = ['row-1', 'row-2']): object[] {
  const host = '127.0.0.1';
  const rowToggle = { type: 'phase0-toggle', z: TAB, target: 'inventory', inventory: INVENTORY, deviceIdType: 'str' };
  return [
    { id: TAB, type: 'tab', label: 'trace' },
    { id: DEVICE, type: 'phase0-device', name: 'Lamp', deviceId: 'lamp', host, port: String(port) },
    {
      id: INVENTORY,
      type: 'phase0-inventory',
      source: 'table',
      devices: rows.map((deviceId) => ({ device_id: deviceId, host, port: String(port), tags: 'hall' })),
    },
    { id: TOGGLE, type: 'phase0-toggle', z: TAB, x: 100, y: 100, device: DEVICE, wires: [[], [], []] },
    { id: ROW_TOGGLE, ...rowToggle, x: 100, y: 200, deviceId: 'row-1', wires: [[], [], []] },
    { id: GHOST_TOGGLE, ...rowToggle, x: 100, y: 300, deviceId: 'row-99', wires: [[], [], []] },
  ];
}

class Client {
  constructor(
    private readonly nodeRed: NodeRed,
    private readonly headers: Readonly<Record<string, string>> = {},
  ) {}

  async get<Answer>(path: string): Promise<Answer> {
    const response = await this.nodeRed.request('GET', path, undefined, this.headers);
    return (await response.json()) as Answer;
  }

  async status(method: string, path: string, body?: object, headers: object = {}): Promise<number> {
    const response = await fetch(`${this.nodeRed.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...this.headers, ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
    await response.arrayBuffer();
    return response.status;
  }

  /** Asks until the answer fits; each request waits for news itself. */
  async device(key: string, fits: (device: DeviceSummary) => boolean): Promise<DeviceSummary> {
    for (let since = ''; ;) {
      const answer = await this.get<DevicesAnswer>(`/phase0/devices?since=${since}&wait=10000`);
      const found = answer.devices.find((each) => each.key === key && fits(each));
      if (found) return found;
      since = answer.cursor;
    }
  }

  async action(body: object): Promise<{ event: string; outcome?: string }[]> {
    const response = await this.nodeRed.request('POST', '/phase0/action', body, this.headers);
    const lines = (await response.text()).trim().split('\n');
    return lines.map((line) => JSON.parse(line) as { event: string; outcome?: string });
  }
}

for (const generation of [4, 5] as const) {
  describe(`the trace in Node-RED ${generation}`, function () {
    this.timeout(120_000);
    if (generation === 5) requires('node24');
    const simulator = useSimulator();
    let nodeRed: NodeRed;
    let client: Client;

    beforeEach(async () => {
      nodeRed = await startNodeRed({ generation, flows: flowsFor(simulator().port) });
      client = new Client(nodeRed);
    });
    afterEach(() => nodeRed?.stop());

    it('tells what devices do, who asked, and with which bytes; over deploys, until they are removed', async () => {
      const first = await client.get<DevicesAnswer>('/phase0/devices');
      assert.deepEqual(
        first.devices.map(({ key, nodeType, tags }) => [key, nodeType, tags]),
        [
          [LAMP, 'phase0-device', undefined],
          [ROW, 'phase0-inventory', ['hall']],
          [`${INVENTORY}:row-2`, 'phase0-inventory', ['hall']],
        ],
      );
      assert.equal(first.traceBytes, 4 * 1024 * 1024);
      await nodeRed.request('POST', `/phase0-toggle/${TOGGLE}/press`);
      await nodeRed.request('POST', `/phase0-toggle/${ROW_TOGGLE}/press`);
      const lamp = await client.device(LAMP, ({ counts }) => counts.confirmed === 1);
      assert.deepEqual([lamp.state, lamp.name, lamp.address?.port], [true, 'Lamp', simulator().port]);
      await client.device(ROW, ({ counts }) => counts.confirmed === 1);
      const { toggles, cursor } = await client.get<TogglesAnswer>(`/phase0/toggles?device=${LAMP}`);
      const [timeline] = toggles;
      assert.ok(timeline);
      assert.equal(timeline.who?.nodeId, TOGGLE);
      assert.match(timeline.who.msgid ?? '', /^[\da-f]+$/);
      const out = Buffer.from(timeline.steps.find(({ kind }) => kind === 'bytes_out')?.bytes ?? '', 'base64');
      assert.deepEqual(out, simulator().receivedPackets[0]?.raw);

      const none = await client.get<TogglesAnswer>(`/phase0/toggles?since=${cursor}&wait=1`);
      assert.deepEqual(none.toggles, []);
      const exported = await (await nodeRed.request('GET', '/phase0/export?format=jsonl')).text();
      const lines = exported.trim().split('\n');
      assert.deepEqual(
        lines.map((line) => (JSON.parse(line) as ToggleTimeline).key),
        [LAMP, ROW],
      );
      const pcapng = await (await nodeRed.request('GET', '/phase0/export?format=pcapng')).arrayBuffer();
      assert.equal(Buffer.from(pcapng).readUInt32LE(0), 0x0a0d0d0a);

      await nodeRed.deploy(flowsFor(simulator().port, ['row-2']));
      const after = await client.get<DevicesAnswer>(`/phase0/devices?since=${first.cursor}`);
      assert.deepEqual(after.removed, [ROW]);
      assert.equal(after.devices.find(({ key }) => key === LAMP)?.counts.confirmed, 1);
      const left = await client.get<TogglesAnswer>('/phase0/toggles');
      assert.deepEqual(
        left.toggles.map(({ key }) => key),
        [LAMP],
      );
      await nodeRed.deploy([{ id: TAB, type: 'tab', label: 'trace' }]);
      assert.deepEqual((await client.get<DevicesAnswer>('/phase0/devices')).devices, []);
      assert.deepEqual((await client.get<TogglesAnswer>('/phase0/toggles')).toggles, []);
    });

    it('switches and tests', async () => {
      assert.equal(await client.status('POST', '/phase0/action', { key: LAMP, action: 'test' }), 409);
      const [started, ended, verdict] = await client.action({ key: LAMP, action: 'on' });
      assert.deepEqual(
        [started?.event, ended?.event, verdict?.event, verdict?.outcome],
        ['started', 'ended', 'verdict', 'confirmed'],
      );
      for (const key of [LAMP, ROW]) {
        const events = await client.action({ key, action: 'test', state: true });
        assert.equal(events.at(-1)?.outcome, 'confirmed');
      }
      assert.deepEqual(
        simulator().receivedPackets.map(({ payload }) => [payload.device_id, payload.state]),
        [
          ['lamp', true],
          ['lamp', true],
          ['row-1', true],
        ],
      );
      const { toggles } = await client.get<TogglesAnswer>('/phase0/toggles');
      assert.deepEqual(
        toggles.map(({ who }) => who?.nodeId),
        ['phase0', 'phase0', 'phase0'],
      );
      const scraped = await (await nodeRed.request('GET', '/phase0/devices')).text();
      assert.match(scraped, /"counts":\{"confirmed":2/);
      for (const [body, status] of [
        [{ key: LAMP, action: 'explode' }, 400],
        [{ key: 7, action: 'on' }, 400],
        [{ key: 'nobody:x', action: 'on' }, 404],
        [{}, 400],
      ] as const) {
        assert.equal(await client.status('POST', '/phase0/action', body), status);
      }
    });

    it('filters what it tells and exports, by text, tag and any number of devices; no id has to be known', async () => {
      await nodeRed.request('POST', `/phase0-toggle/${TOGGLE}/press`);
      await nodeRed.request('POST', `/phase0-toggle/${ROW_TOGGLE}/press`);
      await nodeRed.request('POST', `/phase0-toggle/${GHOST_TOGGLE}/press`);
      const ids = async (query: string) => {
        const { toggles } = await client.get<TogglesAnswer>(`/phase0/toggles?${query}`);
        const exported = await (await nodeRed.request('GET', `/phase0/export?format=jsonl&${query}`)).text();
        const lines = exported.split('\n').filter((line) => line !== '');
        assert.deepEqual(
          lines.map((line) => JSON.parse(line) as ToggleTimeline),
          toggles,
        );
        return toggles.map(({ deviceId }) => deviceId).toSorted();
      };
      await client.device(LAMP, ({ counts }) => counts.confirmed === 1);
      await client.device(ROW, ({ counts }) => counts.confirmed === 1);
      assert.deepEqual(await ids(''), ['lamp', 'row-1', 'row-99']);
      assert.deepEqual(await ids('text=ROW-'), ['row-1', 'row-99']);
      assert.deepEqual(await ids('text=row-99&outcome=dropped'), ['row-99']);
      assert.deepEqual(await ids('tag=hall'), ['row-1']);
      const keys = Array.from({ length: 60 }, (_, index) => `device=${INVENTORY}:row-${index}`);
      assert.deepEqual(await ids(`${keys.join('&')}&outcome=confirmed`), ['row-1']);
    });

    it('refuses a query that it does not understand, in words', async () => {
      for (const query of ['since[]=1', 'device[a]=1', 'outcome=x', 'text=a&text=b', 'limit=-1', 'wait=Infinity']) {
        for (const path of ['/phase0/toggles?', '/phase0/export?format=jsonl&']) {
          if (query.startsWith('wait') && path.includes('export')) continue;
          assert.equal(await client.status('GET', `${path}${query}`), 400, query);
        }
      }
      assert.equal(await client.status('GET', '/phase0/devices?since=a&since=b'), 400);
      assert.equal(await client.status('GET', '/phase0/export?format=exe'), 400);
      const refused = await fetch(`${nodeRed.url}/phase0/toggles?outcome=confirmed,dropped`);
      assert.deepEqual(await refused.json(), {
        error: 'outcome must be one of confirmed, rejected, unknown, failed, dropped, not "confirmed,dropped"',
      });
    });

    it('tells the settings of one device as they hold: of a row those of the file, not those left in the table', async () => {
      const settingsOf = (key: string) => client.get<DeviceAnswer>(`/phase0/device?key=${encodeURIComponent(key)}`);
      // A reload is a change of its devices, by which the page knows that there may be other settings.
      const settingsWith = async (ioTimeoutMs: number): Promise<DeviceAnswer> => {
        for (let since = ''; ;) {
          const answer = await settingsOf(ROW);
          if (answer.settings?.ioTimeoutMs === ioTimeoutMs) return answer;
          since = (await client.get<DevicesAnswer>(`/phase0/devices?since=${since}&wait=10000`)).cursor;
        }
      };
      const defaults = {
        connection: 'per-toggle',
        reply: 'auto',
        connectTimeoutMs: 1000,
        ioTimeoutMs: 1500,
        maxAttempts: 2,
        queueMode: 'fifo',
        breakerFailures: 0,
      };
      assert.deepEqual(await settingsOf(LAMP), { settings: defaults });
      const path = join(nodeRed.userDir, 'rows.csv');
      const rowWith = (ioTimeoutMs: number) =>
        `device_id,host,connection,reply,ioTimeoutMs,breakerFailures\nrow-1,127.0.0.1,persistent,framed,${ioTimeoutMs},7\n`;
      writeFileSync(path, rowWith(321));
      const flows = flowsFor(simulator().port).map((node) =>
        'type' in node && node.type === 'phase0-inventory'
          ? { ...node, source: 'file', file: path, maxAttempts: 5, devices: [{ device_id: 'row-1', ioTimeoutMs: 9 }] }
          : node,
      );
      await nodeRed.deploy(flows);
      const fromFile = { connection: 'persistent', reply: 'framed', breakerFailures: 7, maxAttempts: 5 };
      assert.deepEqual(await settingsWith(321), { settings: { ...defaults, ...fromFile, ioTimeoutMs: 321 } });
      writeFileSync(path, rowWith(654));
      assert.deepEqual(await settingsWith(654), { settings: { ...defaults, ...fromFile, ioTimeoutMs: 654 } });
      for (const [query, status] of [
        ['key=nobody:x', 404],
        [`key=${INVENTORY}:row-2`, 404],
        ['key=', 404],
        ['', 400],
        [`key=${LAMP}&key=${ROW}`, 400],
        [`key=${'x'.repeat(10_000)}`, 404],
      ] as const) {
        assert.equal(await client.status('GET', `/phase0/device?${query}`), status, query.slice(0, 40));
      }
    });

    it('limits requests that wait, and forgets those that are closed', async () => {
      const { cursor } = await client.get<DevicesAnswer>('/phase0/devices');
      const waiting = `${nodeRed.url}/phase0/devices?since=${cursor}&wait=25000`;
      const open = Array.from({ length: 16 }, () =>
        httpRequest(waiting)
          .on('error', () => undefined)
          .end(),
      );
      // Refused once all sixteen wait.
      while ((await client.status('GET', `/phase0/devices?since=${cursor}&wait=100`)) !== 429);
      for (const each of open) each.destroy();
      while ((await client.status('GET', `/phase0/devices?since=${cursor}&wait=100`)) !== 200);
    });

    it('refuses pages of another origin', async () => {
      for (const [method, path] of [
        ['GET', '/phase0/devices'],
        ['GET', `/phase0/device?key=${LAMP}`],
        ['GET', '/phase0/toggles'],
        ['GET', '/phase0/export?format=jsonl'],
        ['POST', '/phase0/action'],
      ] as const) {
        const body = method === 'POST' ? { key: LAMP, action: 'on' } : undefined;
        assert.equal(await client.status(method, path, body, { origin: 'https://evil.example' }), 403, path);
      }
      assert.equal(simulator().receivedPackets.length, 0);
    });
  });
}

describe('the trace with adminAuth', function () {
  this.timeout(60_000);
  const simulator = useSimulator();
  let nodeRed: NodeRed;

  const PASSWORD = 'for tests only';
  const password = '$2b$04$tUTirq6XQQocDzOpOidCWeulGDsEW0DwqPCY.igES0p8aPJpun/TO';
  const users = [
    { username: 'reader', password, permissions: 'phase0.read' },
    { username: 'writer', password, permissions: ['phase0.read', 'phase0.write'] },
    { username: 'other', password, permissions: 'flows.read' },
  ];

  beforeEach(async () => {
    nodeRed = await startNodeRed({
      flows: flowsFor(simulator().port),
      settings: { adminAuth: { type: 'credentials', users } },
    });
  });
  afterEach(() => nodeRed?.stop());

  const clientOf = async (username: string): Promise<Client> => {
    const login = { client_id: 'node-red-admin', grant_type: 'password', scope: '', username, password: PASSWORD };
    const response = await nodeRed.request('POST', '/auth/token', login);
    const { access_token: token } = (await response.json()) as { access_token: string };
    return new Client(nodeRed, { authorization: `Bearer ${token}` });
  };

  it('lets readers read, writers switch, and others do neither, on every route', async () => {
    const clients = {
      anonymous: new Client(nodeRed),
      other: await clientOf('other'),
      reader: await clientOf('reader'),
      writer: await clientOf('writer'),
    };
    const expected = { anonymous: [401, 401], other: [403, 403], reader: [200, 403], writer: [200, 200] };
    for (const [name, client] of Object.entries(clients)) {
      const [read, write] = expected[name as keyof typeof expected];
      for (const path of [
        '/phase0/devices',
        `/phase0/device?key=${LAMP}`,
        '/phase0/toggles',
        '/phase0/export?format=jsonl',
        '/phase0/export?format=pcapng',
      ]) {
        assert.equal(await client.status('GET', path), read, `${name} ${path}`);
      }
      for (const action of ['on', 'off', 'test']) {
        const status = await client.status('POST', '/phase0/action', { key: LAMP, action, state: true });
        assert.equal(status, write, `${name} ${action}`);
      }
    }
    assert.equal(simulator().receivedPackets.length, 3);
  });
});

describe('the trace with other limits', function () {
  this.timeout(60_000);
  const simulator = useSimulator();

  it('records nothing when it is off, and says so', async () => {
    const settings = { phase0: { traceBytes: 0 } };
    const nodeRed = await startNodeRed({ flows: flowsFor(simulator().port), settings });
    try {
      const client = new Client(nodeRed);
      const { traceBytes, devices } = await client.get<DevicesAnswer>('/phase0/devices?wait=1000');
      assert.deepEqual([traceBytes, devices], [0, []]);
      assert.deepEqual((await client.get<TogglesAnswer>('/phase0/toggles')).toggles, []);
      assert.equal(await (await nodeRed.request('GET', '/phase0/export?format=jsonl')).text(), '');
      assert.equal(await client.status('POST', '/phase0/action', { key: LAMP, action: 'on' }), 404);
    } finally {
      await nodeRed.stop();
    }
  });

  it('takes the least that is accepted if it is set to less, and says so once', async () => {
    const settings = { phase0: { traceBytes: 1000 } };
    const nodeRed = await startNodeRed({ flows: flowsFor(simulator().port), settings });
    try {
      await nodeRed.deploy(flowsFor(simulator().port, ['row-3']));
      const { traceBytes } = await new Client(nodeRed).get<DevicesAnswer>('/phase0/devices');
      assert.equal(traceBytes, 524_288);
      const said = nodeRed.log().match(/\[warn\] phase0: traceBytes .*/g);
      assert.equal(said?.length, 1);
      assert.match(said[0], /is 1000; 524288 is used/);
    } finally {
      await nodeRed.stop();
    }
  });
});
