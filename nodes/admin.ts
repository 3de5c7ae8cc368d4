/** Routes of the admin API through which the editor reaches these nodes. */
import type { AdminHandler, AdminRequest, AdminResponse, Node, NodeApi } from './red';

/**
 * Adds a POST route for editors that may write to nodes of `type`. It answers 401 to an unknown user, and 403 to a user
 * who may only read and to a request that a foreign web page makes.
 */
export function onPost(RED: NodeApi, type: string, path: string, handler: AdminHandler): void {
  const mayWrite = RED.auth.needsPermission(`${type}.write`);
  RED.httpAdmin.post(`/${type}/${path}`, refuseForeignPages, forbidden, mayWrite, handler);
}

/** The same for GET, for whoever may read. What such a route tells is of no use to a foreign page, either. */
export function onGet(RED: NodeApi, type: string, path: string, handler: AdminHandler): void {
  const mayRead = RED.auth.needsPermission(`${type}.read`);
  RED.httpAdmin.get(`/${type}/${path}`, refuseForeignPages, forbidden, mayRead, handler);
}

/** Answers that nothing was done, and why. */
export function refuse(response: AdminResponse, status: number, error: string): void {
  response.status(status).json({ error });
}

/** Without adminAuth, Node-RED lets a page of any origin post: a web page that the user visits could switch a device. */
const refuseForeignPages: AdminHandler = (request, response, next) => {
  if (isForeign(request)) refuse(response, 403, 'a page of another origin may not use this route');
  else next();
};

/** Browsers send these headers and no page can change them; other clients send none. */
function isForeign({ headers }: AdminRequest): boolean {
  const { origin, host, 'sec-fetch-site': site } = headers;
  // The browser's own judgement holds behind a reverse proxy, too, which may change `Host`. Plain HTTP has only Origin.
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  return origin !== undefined && !isSameHost(String(origin), String(host));
}

function isSameHost(origin: string, host: string): boolean {
  try {
    const page = new URL(origin);
    return page.host !== '' && page.host === new URL(`${page.protocol}//${host}`).host;
  } catch {
    // Such as the origin `null` of a sandboxed page.
    return false;
  }
}

/** Node-RED answers 401 also to a known user, and the editor would ask for a password in vain. */
const forbidden: AdminHandler = (request, response, next) => {
  const status = response.status.bind(response);
  response.status = (code) => status(code === 401 && request.user ? 403 : code);
  next();
};

/** The node whose button was pressed; when no such node is deployed, the editor gets a 404. */
export function pressedNode(RED: NodeApi, type: string, id = '', response: AdminResponse): Node | undefined {
  const node = RED.nodes.getNode(id);
  if (node?.type === type) return node;
  refuse(response, 404, `${type}: no such node is deployed`);
  return undefined;
}
