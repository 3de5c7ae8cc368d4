/** Statuses in the language of the editor; the runtime sends them in English. */
import { translated, type Phrase } from '../phrases';

/**
 * To be called when the type is registered: the editor subscribes later, so that it gets the text that is put in place
 * here.
 */
export function translateStatuses(type: string, known: readonly Phrase[]): void {
  RED.comms.subscribe('status/#', (topic, status) => {
    const node = RED.nodes.node(topic.split('/')[1]);
    if (node?.type !== type || typeof status.text !== 'string') return;
    status.text = translated(status.text, known, (key, values) => RED._(key, values));
    // Installed while the editor is open, this comes second.
    if (node.status === status) RED.view.redrawStatus(node);
  });
}
