/** Observers of a worker as one that never throws. */
import { callMethodSafely } from '../call-safely';
import { errorText } from '../printable';
import type { WorkerObserver } from '../worker-observer';

export function safeObserver(observers: readonly WorkerObserver[]): Required<WorkerObserver> {
  const notify = <Name extends keyof WorkerObserver>(
    name: Name,
    ...args: Parameters<Required<WorkerObserver>[Name]>
  ): void => {
    for (const observer of observers) {
      callMethodSafely(observer, name, args, (error) => process.emitWarning(errorText(error)));
    }
  };
  return {
    brokerConnected: (isConnected) => notify('brokerConnected', isConnected),
    partitionConsumed: (queue, isConsumed) => notify('partitionConsumed', queue, isConsumed),
    commandReceived: (isRedelivered) => notify('commandReceived', isRedelivered),
    deadLettered: () => notify('deadLettered'),
    verdictPublished: (outcome, lagMs) => notify('verdictPublished', outcome, lagMs),
  };
}
