/**
 * Replacement for the network requests of the flow library's scorer; loaded before it. It answers with the Node-RED
 * versions that tests run on and with the locked dependencies. The catalogue is empty, so the scorer cannot tell
 * whether a package name is taken. For newer releases of the dependencies it asks the registry itself.
 */
const { existsSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join } = require('node:path');

const ROOT = join(__dirname, '..');
const CACHE = process.env.PHASE0_CACHE;
const ofScorer = createRequire(process.argv[1]);

ofScorer('axios').get = async (url) => {
  if (url.endsWith('/catalogue.json')) return { data: { modules: [] } };
  if (url.endsWith('/node-red')) return { data: nodeRed() };
  throw new Error(`the scorer asks for ${url}, which scripts/scorer-answers.cjs does not know`);
};
ofScorer('npm-remote-ls').ls = (_name, _range, _flat, tell) => tell(lockedPackages());

/** Node-RED as the registry describes it, with the versions installed: the newest is the latest, others are maintained. */
function nodeRed() {
  const manifests = [join(CACHE, 'generation-5/node_modules'), join(ROOT, 'node_modules')]
    .map((modules) => join(modules, 'node-red/package.json'))
    .filter((file) => existsSync(file))
    .map((file) => require(file));
  return {
    'dist-tags': Object.fromEntries(manifests.map(({ version }, at) => [at === 0 ? 'latest' : 'maintenance', version])),
    versions: Object.fromEntries(manifests.map((manifest) => [manifest.version, manifest])),
  };
}

/** Packages that are installed with this one, as `name@version`. */
function lockedPackages() {
  const { packages } = require(join(ROOT, 'package-lock.json'));
  return Object.entries(packages)
    .filter(([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional)
    .map(([path, { version }]) => `${path.split('node_modules/').at(-1)}@${version}`);
}
