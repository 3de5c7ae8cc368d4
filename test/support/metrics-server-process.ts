/** A metrics endpoint in a process of its own. Sends its port, and for each message its memory, sockets and scrapes. */
import { serveMetrics } from '../../src/observers/metrics-server';

export interface EndpointReport {
  readonly memoryBytes: number;
  readonly sockets: number;
  readonly scrapes: number;
}

const text = '# a metric\n'.repeat(1000);
const server = serveMetrics({
  host: '127.0.0.1',
  port: 0,
  path: '/metrics',
  exposition: () => Promise.resolve({ text, contentType: 'text/plain' }),
  onState: ({ kind }) => {
    if (kind === 'listening') process.send?.(server.address?.port);
  },
});

process.on('message', () => {
  const sockets = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
  const report: EndpointReport = { memoryBytes: process.memoryUsage.rss(), sockets, scrapes: server.scrapes };
  process.send?.(report);
});
process.once('disconnect', () => void server.close());
