/** Owns how the editor reaches these nodes: routes of the admin API that need write permission. */
import type { AdminHandler, AdminResponse, Node, NodeApi } from './red';

/** Adds a POST route for editors that may write to nodes of `type`; 401 to who is not known, 403 to who may only read. */
export function onPost(RED: NodeApi, type: string, path: string, handler: AdminHandler): void {
  const mayWrite = RED.auth.needsPermission(`${type}.write`);
  RED.httpAdmin.post(`/${type}/${path}`, forbidden, mayWrite, handler);
}

/** Node-RED answers 401 also to a user whom it knows, and the editor would ask for a password that changes nothing. */
const forbidden: AdminHandler = (request, response, next) => {
  const status = response.status.bind(response);
  response.status = (code) => status(code === 401 && request.user ? 403 : code);
  next();
};

/** The node whose button was pressed; when none of that type is deployed, the editor is told so. */
export function pressedNode(RED: NodeApi, type: string, id = '', response: AdminResponse): Node | undefined {
  const node = RED.nodes.getNode(id);
  if (node?.type === type) return node;
  response.status(404).json({ error: `${type}: no such node is deployed` });
  return undefined;
}
