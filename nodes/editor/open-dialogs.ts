/** The open dialogs of a node type: one may be open above another, such as by a link of the sidebar. */

export class OpenDialogs<Dialog extends { close(): void }> {
  private readonly byNode = new Map<string, Dialog>();

  set(nodeId: string, dialog: Dialog): void {
    this.byNode.set(nodeId, dialog);
  }

  get(nodeId: string): Dialog | undefined {
    return this.byNode.get(nodeId);
  }

  close(nodeId: string): void {
    this.byNode.get(nodeId)?.close();
    this.byNode.delete(nodeId);
  }
}
