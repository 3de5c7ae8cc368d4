/** The flows in examples/, with simulated devices on free ports, so that another Node-RED may run them meanwhile. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { refusedPort } from './loopback';
import type { FlowNode } from './node-red';

const FOLDER = 'examples';

export interface ExampleFlow {
  /** Path below examples/. */
  readonly file: string;
  readonly nodes: readonly FlowNode[];
}

/** As they are in the repository. */
export function exampleFlows(): ExampleFlow[] {
  return readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .toSorted()
    .map((file) => ({ file, nodes: JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as FlowNode[] }))
    .filter(({ nodes }) => Array.isArray(nodes));
}

/** The one whose file name has this in it. */
export function exampleFlow(part: string): ExampleFlow {
  const found = exampleFlows().filter(({ file }) => basename(file).includes(part));
  if (found.length !== 1 || !found[0])
    throw new Error(`${found.length} files in ${FOLDER}/ have "${part}" in their name`);
  return found[0];
}

/** Ports of the simulated devices in the flow, each with a free one. */
export async function freePortsFor(nodes: readonly FlowNode[]): Promise<ReadonlyMap<string, string>> {
  const ports = new Map<string, string>();
  for (const { type, port } of nodes) {
    if (type === 'phase0-simulator' && Number(port) > 0) ports.set(String(port), String(await refusedPort()));
  }
  return ports;
}

/** The same flow on other ports: simulators, and the devices that connect to them. */
export function onPorts(nodes: readonly FlowNode[], ports: ReadonlyMap<string, string>): FlowNode[] {
  return nodes.map((node) => {
    const port = /^phase0-(device|simulator)$/.test(node.type) ? ports.get(String(node.port)) : undefined;
    return port === undefined ? node : { ...node, port };
  });
}

/** Whether it needs a broker and workers. */
export function needsFleet(nodes: readonly FlowNode[]): boolean {
  return nodes.some(({ type }) => type === 'phase0-fleet');
}

/** Whether it needs the FlowFuse dashboard, which is a palette of its own. */
export function needsDashboard(nodes: readonly FlowNode[]): boolean {
  return nodes.some(({ type }) => type.startsWith('ui-'));
}
