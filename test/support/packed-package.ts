/** The package as users get it: the tarball of `npm pack`, with its scripts on, and its installation. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';

const ROOT = resolve(__dirname, '../../..');
const NOT_SOURCES = new Set(['.git', 'node_modules', 'dist', 'test-reports', 'coverage', '.demo']);
let tarball: string | undefined;

/**
 * The tarball, made once per process. `npm pack` runs in a copy of the sources: its prepack script builds, and would
 * replace the dist/ that tests are running from.
 */
export function packedTarball(): string {
  if (tarball) return tarball;
  const folder = mkdtempSync(join(tmpdir(), 'phase0-pack-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const project = join(folder, 'project');
  const isSource = (path: string) => !NOT_SOURCES.has(relative(ROOT, path).split(sep)[0] ?? '');
  // With the time stamps: an older lockfile than the installed packages means that nothing has to be installed.
  cpSync(ROOT, project, { recursive: true, preserveTimestamps: true, filter: isSource });
  symlinkSync(join(ROOT, 'node_modules'), join(project, 'node_modules'), 'dir');
  execFileSync('npm', ['pack', '--pack-destination', folder], { cwd: project, stdio: 'pipe' });
  const name = readdirSync(folder).find((file) => file.endsWith('.tgz'));
  if (!name) throw new Error('npm pack made no tarball');
  rmSync(project, { recursive: true });
  tarball = join(folder, name);
  return tarball;
}

/** The same package under another version number, as a release to upgrade to. */
export function tarballOfVersion(version: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'phase0-repack-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  execFileSync('tar', ['-xzf', packedTarball(), '-C', folder]);
  const manifest = join(folder, 'package/package.json');
  writeFileSync(manifest, JSON.stringify({ ...(JSON.parse(readFileSync(manifest, 'utf8')) as object), version }));
  const file = join(folder, `node-red-contrib-phase0-${version}.tgz`);
  execFileSync('tar', ['-czf', file, '-C', folder, 'package']);
  return file;
}

/** Installs the tarball as a user would; the registry is asked only for what npm's cache lacks. */
export function installPacked(userDir: string): void {
  mkdirSync(userDir, { recursive: true });
  writeFileSync(join(userDir, 'package.json'), '{ "private": true }');
  const quietly = ['--prefer-offline', '--no-audit', '--no-fund', '--no-progress'];
  execFileSync('npm', ['install', packedTarball(), ...quietly], { cwd: userDir, stdio: 'pipe' });
}
