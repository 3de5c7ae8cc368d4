/** Who asks for a toggle, as the packet trace shows it: the node, and the message that it has. */
import type { Message, Node } from './red';
import { propertyOf } from './unsafe-values';

export interface RequesterIds {
  readonly requester: string;
  readonly requestId?: string;
}

export function requesterOf({ id }: Pick<Node, 'id'>, msg: Message): RequesterIds {
  const requestId: unknown = propertyOf(msg, '_msgid');
  return { requester: id, ...(typeof requestId === 'string' && { requestId }) };
}
