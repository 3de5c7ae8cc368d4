/** The tls-config node that is chosen in a dialog, with what of it is not deployed yet. */
import { idOf, type Form } from './form';

/** For the tests of a dialog, which connect with the values that it shows. Undefined if none is chosen. */
export function tlsDraft(form: Form): object | undefined {
  const node = RED.nodes.node($(`#${idOf(form, 'tls')}`).val());
  if (!node) return undefined;
  const { id, changed, cert, key, ca, servername, alpnprotocol, verifyservercert, credentials } = node;
  return { id, changed, cert, key, ca, servername, alpnprotocol, verifyservercert, credentials };
}
