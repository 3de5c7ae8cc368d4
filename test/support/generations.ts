/** The generations of Node-RED whose editor is tested; the runner tests them side by side, a process for each. */

export type Generation = 4 | 5;

const ALL: readonly Generation[] = [4, 5];
const { PHASE0_GENERATION: only } = process.env;

/** Both, or the one that `PHASE0_GENERATION` names. */
export const GENERATIONS = ALL.filter((generation) => !only || String(generation) === only);
