/** Routes of the admin API, asked by a web page: a page of another origin must not switch a device. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { useSimulator } from '../support/fixtures';
import { startNodeRed, type NodeRed } from '../support/node-red';
import { requires } from '../support/requirements';

const TAB = 'f000000000000040';
const TOGGLE = 'b000000000000040';
const SIMULATOR = 'e000000000000040';

const ROUTES = ['/phase0-device/test', `/phase0-toggle/${TOGGLE}/press`, `/phase0-simulator/${SIMULATOR}/next-mode`];

for (const generation of [4, 5] as const) {
  describe(`routes of Node-RED ${generation} without adminAuth`, function () {
    this.timeout(60_000);
    if (generation === 5) requires('node24');
    const simulator = useSimulator();
    let nodeRed: NodeRed;

    before(async () => {
      nodeRed = await startNodeRed({
        generation,
        flows: [
          { id: TAB, type: 'tab', label: 'routes' },
          { id: TOGGLE, type: 'phase0-toggle', z: TAB, x: 100, y: 100, device: '', wires: [[], [], []] },
          { id: SIMULATOR, type: 'phase0-simulator', z: TAB, x: 100, y: 100, port: '0', wires: [[]] },
        ],
      });
    });
    after(() => nodeRed?.stop());

    const body = () =>
      JSON.stringify({
        id: 'n1',
        state: true,
        settings: { deviceId: 'lamp', host: '127.0.0.1', port: String(simulator().port) },
      });
    const post = (path: string, headers: Record<string, string>) =>
      new Promise<number | undefined>((resolve, reject) => {
        const options = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } };
        request(`${nodeRed.url}${path}`, options, (response) => {
          response.resume();
          response.on('end', () => resolve(response.statusCode));
        })
          .on('error', reject)
          .end(body());
      });
    const ownOrigin = () => nodeRed.url;

    for (const path of ROUTES) {
      for (const [about, headers] of [
        ['another origin', { origin: 'https://evil.example' }],
        ['another port of this host', { origin: 'http://127.0.0.1:1' }],
        ['a sandboxed page', { origin: 'null' }],
        ['another site, by its fetch metadata', { 'sec-fetch-site': 'cross-site' }],
        ['another host of this site', { 'sec-fetch-site': 'same-site' }],
      ] as const) {
        it(`${path.replace(/\/[be]0+40/, '/:id')} refuses ${about}`, async () => {
          assert.equal(await post(path, headers), 403);
          assert.equal(simulator().connectionCount, 0);
        });
      }

      it(`${path.replace(/\/[be]0+40/, '/:id')} answers the editor, and a client that is not a browser`, async () => {
        for (const headers of [{}, { origin: ownOrigin(), 'sec-fetch-site': 'same-origin' }, { origin: ownOrigin() }]) {
          assert.match(String(await post(path, headers)), /^20[04]$/);
        }
      });
    }
  });
}
