/** Owns what these nodes take from Node-RED's own tls-config node, deployed or as the editor has it. */
import { readFileSync } from 'node:fs';
import type { TlsOptions } from '../src/transport/tls';
import type { Node, NodeApi } from './red';

interface TlsNode extends Node {
  /** False when its files could not be read; it has said so itself. */
  readonly valid: boolean;
  addTLSOptions(options: object): TlsOptions;
}

/** The properties of a tls-config node that this package knows of. */
export interface TlsDraft {
  readonly id: string;
  /** Whether the editor has changes that are not deployed; the runtime's node is used if not. */
  readonly changed?: boolean;
  /** Paths of PEM files. */
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
  readonly servername?: string;
  readonly alpnprotocol?: string;
  readonly verifyservercert?: boolean;
  readonly credentials?: TlsCredentials;
}

/** Uploaded PEM; the editor has only what was changed in it, and of a passphrase that is saved a row of dots. */
interface TlsCredentials {
  readonly certdata?: string;
  readonly keydata?: string;
  readonly cadata?: string;
  readonly passphrase?: string;
}

/** What the editor shows in place of a password that it does not know. */
const UNKNOWN_PASSWORD = '__PWRD__';

/** The options of the tls-config node with this id; none without an id. Throws when it can't be used. */
export function tlsOptionsOf(RED: NodeApi, id: string | undefined): TlsOptions | undefined {
  if (!id) return undefined;
  const node = RED.nodes.getNode(id) as TlsNode | null;
  if (!node) throw new Error('tls names a tls-config node that is disabled or missing');
  if (!node.valid) throw new Error(`tls: the certificates of "${node.name || node.id}" cannot be read`);
  return node.addTLSOptions({});
}

/** The options that a tls-config node will have once it is deployed as it is in the editor. */
export function draftTlsOptions(RED: NodeApi, draft: TlsDraft): TlsOptions | undefined {
  if (!draft.changed) return tlsOptionsOf(RED, draft.id);
  const { servername, alpnprotocol, verifyservercert } = draft;
  return {
    ...(draft.cert || draft.key || draft.ca ? fromFiles(RED, draft) : fromUploads(RED, draft)),
    servername: servername?.trim(),
    ALPNProtocols: alpnprotocol?.trim() ? [alpnprotocol.trim()] : undefined,
    rejectUnauthorized: verifyservercert,
  };
}

function fromFiles(RED: NodeApi, draft: TlsDraft): TlsOptions {
  if (RED.settings.tlsConfigDisableLocalFiles) throw new Error('tls: the settings of Node-RED allow no local files');
  const read = (path = '') => {
    try {
      return path.trim() ? readFileSync(path.trim()) : undefined;
    } catch (error) {
      throw new Error(`tls: ${(error as Error).message}`, { cause: error });
    }
  };
  const { passphrase } = credentialsOf(RED, draft);
  return { cert: read(draft.cert), key: read(draft.key), ca: read(draft.ca), ...(passphrase && { passphrase }) };
}

function fromUploads(RED: NodeApi, draft: TlsDraft): TlsOptions {
  const { certdata, keydata, cadata, passphrase } = credentialsOf(RED, draft);
  return {
    ...(certdata && { cert: certdata }),
    ...(keydata && { key: keydata }),
    ...(cadata && { ca: cadata }),
    ...(passphrase && { passphrase }),
  };
}

/** What the editor does not have is as it was deployed. */
function credentialsOf(RED: NodeApi, { id, credentials = {} }: TlsDraft): TlsCredentials {
  const known = Object.entries(credentials).filter(([, value]) => value !== UNKNOWN_PASSWORD);
  return { ...RED.nodes.getCredentials(id), ...Object.fromEntries(known) };
}
