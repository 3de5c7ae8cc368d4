/** TLS options from Node-RED's own tls-config node, deployed or as the editor has it. */
import type { TlsOptions } from '../src/transport/tls';
import { editedCredentials } from './edited-credentials';
import { readPemFile } from './pem-file';
import type { Node, NodeApi } from './red';
import { filled } from './phrases';
import { textOf } from './unsafe-values';
import { VALIDATION_TEXTS } from './validation-texts';

interface TlsNode extends Node {
  /** False when its files could not be read; the node has logged that itself. */
  readonly valid: boolean;
  addTLSOptions(options: object): TlsOptions;
}

/** The properties of a tls-config node that this package knows. */
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

/** Uploaded PEM. The editor has only what was changed there, and a placeholder for a saved passphrase. */
interface TlsCredentials {
  readonly certdata?: string;
  readonly keydata?: string;
  readonly cadata?: string;
  readonly passphrase?: string;
}

/** The options of the tls-config node with this id; none without an id. Throws when the node cannot be used. */
export function tlsOptionsOf(RED: NodeApi, id: string): TlsOptions | undefined {
  if (id === '') return undefined;
  const node = RED.nodes.getNode(id) as TlsNode | null | undefined;
  if (!node) throw new Error(VALIDATION_TEXTS.tlsMissing);
  if (node.type !== 'tls-config' || typeof node.addTLSOptions !== 'function') {
    throw new Error(filled(VALIDATION_TEXTS.tlsOther, { type: node.type }));
  }
  const value = `"${textOf(node.name) || node.id}"`;
  if (!node.valid) throw new Error(filled(VALIDATION_TEXTS.tlsUnreadable, { value }));
  return node.addTLSOptions({});
}

/** The options that a tls-config node will have once it is deployed as it is in the editor. */
export async function draftTlsOptions(RED: NodeApi, draft: TlsDraft): Promise<TlsOptions | undefined> {
  if (!draft.changed) return tlsOptionsOf(RED, draft.id);
  const { servername, alpnprotocol, verifyservercert } = draft;
  return {
    ...(draft.cert || draft.key || draft.ca ? await fromFiles(RED, draft) : fromUploads(RED, draft)),
    servername: servername?.trim(),
    ALPNProtocols: alpnprotocol?.trim() ? [alpnprotocol.trim()] : undefined,
    rejectUnauthorized: verifyservercert,
  };
}

async function fromFiles(RED: NodeApi, draft: TlsDraft): Promise<TlsOptions> {
  if (RED.settings.tlsConfigDisableLocalFiles) throw new Error('tls: the settings of Node-RED allow no local files');
  const read = async (path = '') => (path.trim() === '' ? undefined : readPemFile(path.trim()));
  const [cert, key, ca] = await Promise.all([read(draft.cert), read(draft.key), read(draft.ca)]);
  const { passphrase } = credentialsOf(RED, draft);
  return { cert, key, ca, ...(passphrase && { passphrase }) };
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

function credentialsOf(RED: NodeApi, { id, credentials = {} }: TlsDraft): TlsCredentials {
  return editedCredentials(RED, id, credentials);
}
