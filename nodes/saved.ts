/** Owns what a flow has saved: which version of this package did, and how older settings are brought up to date. Browser-safe. */
import { parseSettings, show, type Fields, type Parsed } from '../src/settings/field';

/** A node's properties as the flow file has them. */
export type Saved = Readonly<Record<string, unknown>>;

/** Brings settings from one version to the next, unchanged in meaning. Once released, it is never changed. */
export type Migration = (saved: Saved) => Saved;

/** The version that new settings carry in `settingsVersion`; the first release saved none, which stands for 1. */
export function latestVersion(migrations: readonly Migration[]): number {
  return migrations.length + 1;
}

/** Settings as today's version would have saved them. */
export function upToDate(migrations: readonly Migration[], saved: Saved): Saved {
  const version = Number(saved.settingsVersion ?? 1);
  return migrations.slice(version - 1).reduce((settings, migrate) => migrate(settings), saved);
}

/** Reads settings of any version up to today's; those of a later one are not guessed at. */
export function parseSaved<F extends Fields>(fields: F, migrations: readonly Migration[], saved: Saved): Parsed<F> {
  const latest = latestVersion(migrations);
  const version = saved.settingsVersion ?? 1;
  if (!Number.isInteger(version) || Number(version) < 1 || Number(version) > latest) {
    const accepted = `settingsVersion must be a whole number from 1 to ${latest}, not ${show(version)}`;
    return { ok: false, problems: [`${accepted}: a newer version of this package saved the flow`] };
  }
  return parseSettings(fields, upToDate(migrations, saved));
}
