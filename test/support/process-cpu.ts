/** Processor time that other processes have had, from `/proc` of Linux. */
import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second here, on every machine. */
const MS_PER_TICK = 10;

/** User and system time of a process, in ms. */
export function cpuMsOf(pid: number): number {
  return statOf(pid)?.cpuMs ?? NaN;
}

/** The same of all processes in the group that a process leads. */
export function cpuMsOfGroup(leader: number): number {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  const members = pids.map(statOf).filter((stat) => stat?.group === leader);
  return members.reduce((sum, stat) => sum + (stat?.cpuMs ?? 0), 0);
}

/** Undefined if it has ended. */
function statOf(pid: number): { readonly group: number; readonly cpuMs: number } | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The name of the program comes before, in brackets, and may hold spaces and brackets.
  const [, , group, ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [userTicks, systemTicks] = rest.slice(8, 10);
  return { group: Number(group), cpuMs: (Number(userTicks) + Number(systemTicks)) * MS_PER_TICK };
}
