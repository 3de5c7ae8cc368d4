/** The flows in examples/, with simulated devices on free ports, so that another Node-RED may run them meanwhile. */
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
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

/** The file of an inventory, as the tab of an example names it. */
const FILE_VARIABLE = 'BUILDING_CSV';
/** The port of a row of CSV. */
const ROW_PORT = /(?<=^[\w-]+,127\.0\.0\.1,)\d+/gm;

/** Ports of the simulated devices in the flow, each with a free one. */
export async function freePortsFor(nodes: readonly FlowNode[]): Promise<ReadonlyMap<string, string>> {
  const ports = new Map<string, string>();
  const used = nodes.flatMap(({ type, port, template }) => {
    if (type === 'template') return String(template).match(ROW_PORT) ?? [];
    return type === 'phase0-simulator' && Number(port) > 0 ? [String(port)] : [];
  });
  for (const port of used) ports.set(port, String(await refusedPort()));
  return ports;
}

/** Where the inventory of an example is on these ports, which no other process uses. */
export function inventoryFileOn(ports: ReadonlyMap<string, string>): string {
  return join(tmpdir(), `phase0-building-${[...ports.values()].at(-1)}.csv`);
}

/** The rows of an inventory on other ports. */
export function rowsOn(template: unknown, ports: ReadonlyMap<string, string>): string {
  return String(template).replaceAll(ROW_PORT, (port) => ports.get(port) ?? port);
}

/** The same flow on other ports: simulators, the devices that connect to them, and the rows of an inventory. */
export function onPorts(nodes: readonly FlowNode[], ports: ReadonlyMap<string, string>): FlowNode[] {
  return nodes.map((node) => {
    if (node.type === 'template') return { ...node, template: rowsOn(node.template, ports) };
    if (node.type === 'tab' && JSON.stringify(node.env ?? []).includes(FILE_VARIABLE)) {
      return { ...node, env: [{ name: FILE_VARIABLE, value: inventoryFileOn(ports), type: 'str' }] };
    }
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
