/** Settings that a flow has saved: their version, and migrations of older ones. Browser-safe. */
import { parseSettings, type Fields, type Parsed } from '../src/settings/field';
import { show } from '../src/settings/show';

/** A node's properties as the flow file has them. */
export type Saved = Readonly<Record<string, unknown>>;

/** Converts settings of one version to the next without a change of meaning. Once released, it is never changed. */
export type Migration = (saved: Saved) => Saved;

/** The version that new settings have in `settingsVersion`; the first release saved none, which means 1. */
export function latestVersion(migrations: readonly Migration[]): number {
  return migrations.length + 1;
}

/** Settings as the latest version would have saved them. */
export function upToDate(migrations: readonly Migration[], saved: Saved): Saved {
  const version = Number(saved.settingsVersion ?? 1);
  return migrations.slice(version - 1).reduce((settings, migrate) => migrate(settings), saved);
}

/** What nodes of a type save. */
export interface SavedType {
  readonly fields: Fields;
  readonly migrations: readonly Migration[];
  /** What a flow means by settings that it leaves out, where that is not their default. */
  readonly meant?: (saved: Saved) => Saved;
}

/** A property as the runtime reads it, with what it means if the flow lacks it. */
export function propertyOf({ fields, migrations, meant }: SavedType, saved: Saved, name: string): unknown {
  return upToDate(migrations, saved)[name] ?? meant?.(saved)[name] ?? fields[name]?.default;
}

/** Reads settings of any version up to the latest; settings of a newer version are refused. */
export function parseSaved<F extends Fields>(fields: F, migrations: readonly Migration[], saved: Saved): Parsed<F> {
  const latest = latestVersion(migrations);
  const version = saved.settingsVersion ?? 1;
  if (!Number.isInteger(version) || Number(version) < 1 || Number(version) > latest) {
    const accepted = `settingsVersion must be a whole number from 1 to ${latest}, not ${show(version)}`;
    return { ok: false, problems: [`${accepted}: a newer version of this package saved the flow`] };
  }
  return parseSettings(fields, withNumbersAsText(fields, upToDate(migrations, saved)));
}

/** A hand-made flow or an environment variable of type number may bring a number for a text. */
function withNumbersAsText(fields: Fields, saved: Saved): Saved {
  const isNumber = (name: string) => fields[name]?.kind === 'text' && typeof saved[name] === 'number';
  return Object.fromEntries(
    Object.entries(saved).map(([name, value]) => [name, isNumber(name) ? String(value) : value]),
  );
}
