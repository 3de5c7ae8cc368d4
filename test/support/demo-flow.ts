/** The flow of `npm start` on free ports, where nothing happens by itself, and the palette that it needs. */
import { readFileSync } from 'node:fs';
import { freePortsFor, onPorts } from './example-flows';
import { refusedPort } from './loopback';
import type { FlowNode } from './node-red';

export async function demoFlow(): Promise<{ flows: FlowNode[]; modules: string[] }> {
  const nodes = JSON.parse(readFileSync('demo/flows.json', 'utf8')) as FlowNode[];
  const port = String(await refusedPort());
  const flows = onPorts(nodes, await freePortsFor(nodes)).map((node) => {
    if (node.type === 'phase0-metrics') return { ...node, port };
    // The dashboard keeps what it shows at the start; the lamp is switched and broken by the test alone.
    if (node.type === 'inject' && node.name !== 'at start') return { ...node, once: false, repeat: '' };
    return node;
  });
  return { flows, modules: ['@flowfuse/node-red-dashboard'] };
}
