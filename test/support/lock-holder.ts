/** A process that holds a lock until it is killed. Argument: name of the lock. Sends a message once it holds it. */
import { acquireLock } from './process-lock';

void acquireLock(process.argv[2] ?? '', { notice: 'waiting', timeoutMs: 20_000 }).then(() => process.send?.('held'));
// The channel keeps this process alive until the parent process has ended.
process.on('disconnect', () => process.exit());
