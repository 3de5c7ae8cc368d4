/** What a fleet needs to reach its broker, from saved properties and the credential store. Never shows a secret. */
import type { FleetSettings } from '../../src/settings/fleet';
import { isEnvReference } from '../../src/settings/field';
import type { Config, Node, NodeApi } from '../red';
import { parseSaved } from '../saved';
import { textOf } from '../unsafe-values';
import { VALIDATION_TEXTS } from '../validation-texts';
import { joinUrl, splitUrl } from './broker-url';
import { fields, migrations } from './settings';

export interface BrokerSettings {
  /** With user and password. */
  readonly url: string;
  readonly settings: FleetSettings;
}

/** Throws with every wrong setting; a URL is shown without user and password. */
export function brokerSettings(config: Config, credentials: object | undefined): BrokerSettings {
  const { url, username, password } = splitUrl(config.url);
  const parsed = parseSaved(fields, migrations, { ...config, url });
  if (!parsed.ok) throw new Error(parsed.problems.join('; '));
  const { url: address, name: _name, ...settings } = parsed.settings;
  const own = (credentials ?? {}) as { readonly username?: unknown; readonly password?: unknown };
  return { settings, url: joinUrl(address, textOf(own.username) || username, secretOf(own.password) || password) };
}

/**
 * Throws if the flow file has a user or a password in the URL of this node. In an environment variable, which the runtime
 * has put in its place, both are where secrets belong.
 */
export function refuseSavedSecrets(RED: Pick<NodeApi, 'nodes'>, node: Pick<Node, 'id' | '_alias'>): void {
  const savedId = node._alias ?? node.id;
  RED.nodes.eachNode((entry) => {
    const { url } = entry as { readonly url?: unknown };
    if (entry.id === savedId && !isEnvReference(url) && splitUrl(url).hadSecrets) {
      throw new Error(VALIDATION_TEXTS.urlSecrets);
    }
  });
}

/** Unlike other texts not trimmed: a space may belong to a password. */
function secretOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
