/** Owns what these nodes take from Node-RED's own tls-config node. */
import type { TlsOptions } from '../src/security';
import type { Node, NodeApi } from './red';

interface TlsNode extends Node {
  /** False when its files could not be read; it has said so itself. */
  readonly valid: boolean;
  addTLSOptions(options: object): TlsOptions;
}

/** The options of the tls-config node with this id; none without an id. Throws when it can't be used. */
export function tlsOptionsOf(RED: NodeApi, id: string | undefined): TlsOptions | undefined {
  if (!id) return undefined;
  const node = RED.nodes.getNode(id) as TlsNode | null;
  if (!node) throw new Error('tls names a tls-config node that is disabled or missing');
  if (!node.valid) throw new Error(`tls: the certificates of "${node.name || node.id}" cannot be read`);
  return node.addTLSOptions({});
}
