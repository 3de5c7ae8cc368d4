/** The shell commands by name. Each runs with the arguments of this process and sets its exit code. */
import { runCommand } from './cli-context';
import { simulate } from './simulator';
import { simulatorCommand } from './simulator-command';
import { toggle } from './toggle';
import { toggleCommand } from './toggle-command';
import { work } from './worker';
import { workerCommand } from './worker-command';

export const commands = {
  'phase0-toggle': () => runCommand(toggleCommand, toggle),
  'phase0-simulator': () => runCommand(simulatorCommand, simulate),
  'phase0-worker': () => runCommand(workerCommand, work),
} as const;
