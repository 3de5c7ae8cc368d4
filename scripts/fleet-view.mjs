/** What `npm run fleet` prints: throughput, verdicts and partitions by worker, from the metrics of the processes. */
const OUTCOMES = ['confirmed', 'rejected', 'unknown', 'failed', 'dropped'];
const SCRAPE_MS = 2000;

/** The verdicts that the requester has, by outcome, and the partitions of each worker; undefined for one that is away. */
export async function look(requesterPort, workers) {
  const [requester, ...others] = await Promise.all([
    scrape(requesterPort),
    ...workers.map(({ port, entry }) => (entry ? scrape(port) : undefined)),
  ]);
  const verdicts = Object.fromEntries(
    OUTCOMES.map((outcome) => [outcome, sum(requester, 'tcp_comm_toggles_total', `outcome="${outcome}"`)]),
  );
  const partitions = others.map((text) => text && sum(text, 'tcp_comm_fleet_partition_consumed', ''));
  return { verdicts, partitions };
}

/** One line, such as `12 s   198 verdicts/s   confirmed 2370 …   partitions: worker 1: 4 …`. */
export function lineOf({ seconds, perSecond, verdicts, partitions }) {
  const counts = OUTCOMES.filter((outcome) => verdicts[outcome] > 0 || outcome === 'confirmed');
  const ends = counts.map((outcome) => `${outcome} ${verdicts[outcome]}`).join(', ');
  const shares = partitions.map((count, index) => `worker ${index + 1}: ${count ?? 'away'}`).join(', ');
  return `${String(seconds).padStart(4)} s  ${String(perSecond).padStart(5)} verdicts/s  ${ends}  partitions of ${shares}`;
}

export function totalOf(verdicts) {
  return OUTCOMES.reduce((total, outcome) => total + verdicts[outcome], 0);
}

/** The text of a metrics endpoint; undefined while nothing answers. */
async function scrape(port) {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(SCRAPE_MS) });
    return await response.text();
  } catch {
    return undefined;
  }
}

function sum(text = '', name, label) {
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) && line.includes(label));
  return lines.reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' '))), 0);
}
