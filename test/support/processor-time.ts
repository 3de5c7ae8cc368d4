/** Time that work takes of the processor; a busy machine does not make it longer. */

/** Milliseconds of processor time that `work` takes. */
export function processorMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
