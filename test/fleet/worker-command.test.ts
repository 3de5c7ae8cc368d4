/** phase0-worker as a process: its set-up of a broker, its probes, TLS, and messages that are no commands. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from 'rabbitmq-client';
import type { FleetState } from '../../src/fleet/requester-connection';
import { Authority } from '../support/certificates';
import { run, start } from '../support/command';
import { startFleetPlant, type FleetPlant } from '../support/fleet-plant';
import { fleetAt, readVerdicts, startWorker } from '../support/fleet-scene';
import { refusedPort } from '../support/loopback';
import { PARTITIONS, PartitionWatch, setUp } from '../support/partition-watch';
import { PrivateBroker } from '../support/broker';
import { requires } from '../support/requirements';

const DELIVERY_LIMIT = 50;

describe('phase0-worker', function () {
  requires('rabbitmq');
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'phase0-worker-'));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  let broker: PrivateBroker;
  let plant: FleetPlant;
  let ca: string;
  before(async () => {
    const authority = await Authority.create();
    const { cert, key } = await authority.issue({ names: ['rabbit.test'] });
    ca = file('ca.pem', authority.cert);
    broker = await PrivateBroker.start({ tls: { ca, cert: file('cert.pem', cert), key: file('key.pem', key) } });
    plant = await startFleetPlant(3);
  });
  after(async () => {
    await plant?.close();
    await broker?.remove();
    rmSync(folder, { recursive: true });
  });

  it('--setup creates what the broker needs, again and again, and says what is in the way', async () => {
    const args = ['--amqp-url', broker.url, '--setup'];
    for (const each of ['first', 'second']) {
      const { code, stdout } = await run('phase0-worker', args);
      assert.deepEqual([code, stdout], [0, 'the broker has 12 partitions\n'], each);
    }
    const connection = new Connection(broker.url);
    await connection.queueDelete({ queue: 'phase0.dead' });
    await connection.queueDeclare({ queue: 'phase0.dead' });
    const { code, stderr } = await run('phase0-worker', args);
    assert.equal(code, 1);
    assert.match(stderr, /could not be set up: .*PRECONDITION_FAILED.*phase0\.dead.*with other properties/);
    await connection.queueDelete({ queue: 'phase0.dead' });
    await connection.close();
    await setUp(broker.url);
  });

  it('--definitions writes the same for RabbitMQ to import', async () => {
    await broker.ctl('add_vhost', 'imported');
    await broker.ctl('set_permissions', '-p', 'imported', 'phase0', '.*', '.*', '.*');
    const url = `${broker.url}/imported`;
    const { code, stdout } = await run('phase0-worker', ['--amqp-url', url, '--definitions']);
    assert.equal(code, 0);
    await broker.ctl('import_definitions', file('definitions.json', stdout));
    assert.equal((await run('phase0-worker', ['--amqp-url', url, '--setup'])).code, 0, 'it finds nothing different');
  });

  it('shows the password nowhere, whatever goes wrong', async () => {
    const wrong = `amqp://phase0:sEcret@127.0.0.1:${broker.port}`;
    const runs = [
      await run('phase0-worker', ['--amqp-url', wrong, '--setup']),
      await run('phase0-worker', ['--amqp-url', `amqp://u:sEcret@127.0.0.1:${await refusedPort()}`, '--setup']),
      await run('phase0-worker', ['--amqp-url', 'amqp://u:sEcret@', '--setup']),
      await run('phase0-worker', ['amqp://u:sEcret@h']),
    ];
    assert.deepEqual(
      runs.map(({ code }) => code),
      [1, 1, 2, 2],
    );
    assert.match(runs[0]?.stderr ?? '', /ACCESS_REFUSED/);
    assert.doesNotMatch(runs[0]?.stderr ?? '', /undefined/);
    for (const { stdout, stderr } of runs) assert.doesNotMatch(stdout + stderr, /sEcret/);
    const worker = start('phase0-worker', ['--amqp-url', wrong, '--inventory', plant.file, '--metrics-port', 0]);
    await worker.said(/no connection to the broker/);
    worker.child.kill('SIGTERM');
    const { code, stdout, stderr } = await worker.ended;
    assert.equal(code, 0);
    assert.doesNotMatch(stdout + stderr, /sEcret/);
  });

  it('answers probes and scrapes on its metrics port, and is ready once it consumes its partitions', async () => {
    const port = await refusedPort();
    const away = await refusedPort();
    const metrics = ['--metrics-port', port, '--log-level', 'ERROR'];
    const at = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
    const lost = start('phase0-worker', ['--amqp-url', broker.urlAt(away), '--inventory', plant.file, ...metrics]);
    await lost.said(/no connection to the broker/);
    assert.deepEqual([(await at('/healthz')).status, (await at('/readyz')).status], [200, 503]);
    lost.child.kill('SIGTERM');
    await lost.ended;
    const worker = start('phase0-worker', ['--amqp-url', broker.url, '--inventory', plant.file, ...metrics]);
    const watch = await PartitionWatch.start(broker.url);
    await watch.allConsumed();
    await watch.close();
    assert.deepEqual([(await at('/healthz')).status, (await at('/readyz')).status], [200, 200]);
    const text = await (await at('/metrics')).text();
    assert.equal([...text.matchAll(/^tcp_comm_fleet_partition_consumed\{.*\} 1$/gm)].length, PARTITIONS);
    assert.match(text, /^tcp_comm_fleet_broker_connected 1$/m);
    worker.child.kill('SIGTERM');
    assert.equal((await worker.ended).code, 0);
  });

  it('speaks TLS to the broker, and verifies it', async () => {
    const tls = ['--amqp-url', broker.tlsUrl];
    const untrusted = await run('phase0-worker', [...tls, '--setup']);
    assert.equal(untrusted.code, 1);
    assert.match(untrusted.stderr, /certificate/);
    const named = [...tls, '--amqp-ca', ca, '--amqp-servername', 'rabbit.test'];
    assert.deepEqual(await run('phase0-worker', [...named, '--setup']).then(({ code }) => code), 0);
    const quiet = ['--inventory', plant.file, '--metrics-port', 0, '--log-level', 'ERROR'];
    const worker = start('phase0-worker', [...named, ...quiet]);
    const fleet = fleetAt(broker.url);
    assert.equal((await fleet.toggle({ deviceId: 'lamp-0', state: true })).outcome, 'confirmed');
    await fleet.close();
    worker.child.kill('SIGTERM');
    assert.equal((await worker.ended).code, 0);
  });

  it('a requester speaks TLS to the broker too, with a private CA, and verifies it', async () => {
    startWorker({ url: broker.url, inventory: plant.file });
    const verified = { ca: readFileSync(ca, 'utf8'), servername: 'rabbit.test' };
    const fleet = fleetAt(broker.tlsUrl, {}, { tls: verified });
    assert.equal((await fleet.toggle({ deviceId: 'lamp-0', state: false })).outcome, 'confirmed');
    await fleet.close();
    for (const [tls, expected] of [
      [undefined, /certificate/],
      [{ ...verified, servername: 'elsewhere.test' }, /elsewhere\.test.*altnames/],
    ] as const) {
      const lost = new EventEmitter();
      const words = once(lost, 'disconnected') as Promise<[string]>;
      const onState = (state: FleetState) => 'error' in state && lost.emit(state.kind, state.error);
      const untrusting = fleetAt(broker.tlsUrl, { connectTimeoutMs: 1000 }, { ...(tls && { tls }), onState });
      assert.match((await words)[0], expected);
      assert.equal((await untrusting.toggle({ deviceId: 'lamp-0', state: true })).reason, 'broker_unreachable');
      await untrusting.close();
    }
  });

  it('answers what is no command with a verdict, and lives on', async () => {
    const worker = startWorker({ url: broker.url, inventory: plant.file });
    const connection = new Connection(broker.url);
    const channel = await connection.acquire();
    await channel.confirmSelect();
    const good = { device_id: 'lamp-1', msg_id: 'p', state: true };
    const poison: Readonly<Record<string, readonly [routingKey: string, body: string, reason: string]>> = {
      'p-text': ['lamp-1', 'on, please', 'invalid_command'],
      'p-empty': ['lamp-1', '', 'invalid_command'],
      'p-state': ['lamp-1', JSON.stringify({ ...good, msg_id: 'p-state', state: undefined }), 'invalid_state'],
      'p-msg': ['lamp-1', JSON.stringify({ ...good, msg_id: 7 }), 'invalid_settings'],
      'p-id': ['lamp-x', JSON.stringify({ ...good, msg_id: 'p-id', device_id: 'lamp-x' }), 'unknown_device'],
      'p-key': ['lamp-2', JSON.stringify(good), 'invalid_command'],
      'p-1mb': ['lamp-1', 'x'.repeat(1_000_000), 'invalid_command'],
      'p-deep': ['lamp-1', '['.repeat(500_000) + ']'.repeat(500_000), 'invalid_command'],
    };
    for (const [messageId, [routingKey, body]] of Object.entries(poison)) {
      // The library reads what is called JSON by itself.
      for (const contentType of ['application/json', 'text/plain', 'application/octet-stream']) {
        const envelope = { exchange: 'phase0.commands', routingKey, messageId, durable: true, replyTo: 'no queue!' };
        await channel.basicPublish({ ...envelope, contentType }, Buffer.from(body));
      }
    }
    const seen = new Map<string, string>();
    await readVerdicts(broker.url, ({ msg_id: msgId, outcome, reason }) => {
      if (String(msgId) in poison) seen.set(String(msgId), `${String(outcome)}/${String(reason)}`);
      return seen.size === Object.keys(poison).length;
    });
    for (const [msgId, [, , reason]] of Object.entries(poison))
      assert.equal(seen.get(msgId), `dropped/${reason}`, msgId);
    const fleet = fleetAt(broker.url);
    assert.equal((await fleet.toggle({ deviceId: 'lamp-1', state: true })).outcome, 'confirmed');
    assert.equal(worker.child.exitCode, null);
    await fleet.close();
    await channel.close();
    await connection.close();
  });

  it('gives a command that was handed out too often its verdict', async () => {
    const fleet = fleetAt(broker.url);
    const connection = new Connection(broker.url);
    const verdict = fleet.toggle({ deviceId: 'lamp-2', state: true });
    // Each time somebody takes it and dies.
    for (let delivery = 0; delivery <= DELIVERY_LIMIT; delivery += 1) {
      const channel = await connection.acquire();
      const taken = new Promise((resolve) => {
        for (let partition = 0; partition < PARTITIONS; partition += 1) {
          const queue = `phase0.commands.${String(partition).padStart(2, '0')}`;
          channel.basicConsume({ queue }, resolve).catch(() => 'closed after the first delivery');
        }
      });
      await taken;
      await channel.close();
    }
    startWorker({ url: broker.url, inventory: plant.file });
    const { outcome, cause } = await verdict;
    assert.deepEqual([outcome, cause], ['unknown', 'dead_lettered']);
    assert.deepEqual(plant.devices.get('lamp-2')?.record, []);
    await fleet.close();
    await connection.close();
  });
});
