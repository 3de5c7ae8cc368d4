/** The tls-config node that is chosen in a dialog, with what of it is not deployed yet. */
import { isEnvReference } from '../../src/settings/field';
import { idOf, type Form } from './form';

/**
 * For the tests of a dialog, which connect with the values that it shows. Undefined if none is chosen; where an
 * environment variable names the node, the runtime finds it.
 */
export function tlsDraft(form: Form): object | undefined {
  const chosen = $(`#${idOf(form, 'tls')}`).val();
  if (isEnvReference(chosen)) return { id: chosen };
  const node = RED.nodes.node(chosen);
  if (!node) return undefined;
  const { id, changed, cert, key, ca, servername, alpnprotocol, verifyservercert, credentials } = node;
  return { id, changed, cert, key, ca, servername, alpnprotocol, verifyservercert, credentials };
}
