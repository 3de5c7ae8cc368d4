/** Path of an inventory's file: environment variables in it, and the folder that a relative path starts from. */
import { resolve } from 'node:path';
import type { Node, NodeApi } from '../red';
import { textOf } from '../unsafe-values';

const REFERENCE = /\$\{([^{}]+)\}/g;

/** Throws with the variable that is not set. Node-RED itself replaces a reference only where it is the whole value. */
export function filePath(RED: NodeApi, node: Node, file: string): string {
  const path = file.replaceAll(REFERENCE, (reference, name: string) => {
    let value: unknown;
    RED.util.evaluateNodeProperty(reference, 'env', node, {}, (_error, found) => (value = found));
    const found = textOf(value);
    if (found === '') throw new Error(`file: environment variable ${name} is not set`);
    return found;
  });
  // A relative path is relative to the folder of Node-RED's user.
  return resolve(textOf(RED.settings.userDir) || '.', path);
}
