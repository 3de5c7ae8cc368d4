/** Statuses in the language of the editor; the runtime sends them in English. */
import type { Phrase } from '../phrases';
import { inWords } from './words';

/**
 * To be called when the type is registered: the editor subscribes later, so that it gets the text that is put in place
 * here.
 */
export function translateStatuses(type: string, known: readonly Phrase[]): void {
  RED.comms.subscribe('status/#', (topic, status) => {
    const node = RED.nodes.node(topic.split('/')[1]);
    if (node?.type !== type || typeof status.text !== 'string') return;
    status.text = inWords(status.text, known);
    // Installed while the editor is open, this comes second.
    if (node.status === status) RED.view.redrawStatus(node);
  });
}
