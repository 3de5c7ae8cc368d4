/** The flow of `npm start` on free ports, and the palette that it needs. */
import { readFileSync } from 'node:fs';
import { freePortsFor, onPorts } from './example-flows';
import { refusedPort } from './loopback';
import type { FlowNode } from './node-red';

export async function demoFlow(): Promise<{ flows: FlowNode[]; modules: string[] }> {
  const nodes = JSON.parse(readFileSync('demo/flows.json', 'utf8')) as FlowNode[];
  const port = String(await refusedPort());
  const flows = onPorts(nodes, await freePortsFor(nodes)).map((node) =>
    node.type === 'phase0-metrics' ? { ...node, port } : node,
  );
  return { flows, modules: ['@flowfuse/node-red-dashboard'] };
}
