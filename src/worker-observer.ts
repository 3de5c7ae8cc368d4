/** Events of a worker of a fleet. Every method is optional, and none may block. */
import type { VerdictOutcome } from './outcomes';

export interface WorkerObserver {
  /** The connection to the broker was made or lost. */
  brokerConnected?(isConnected: boolean): void;
  /** A partition, by the name of its queue, is consumed here from now on, or no more. */
  partitionConsumed?(queue: string, isConsumed: boolean): void;
  /** A command came; `isRedelivered`: another worker, or this one, had it before. */
  commandReceived?(isRedelivered: boolean): void;
  /** A command was given up by the broker, which is known now that its verdict is out. */
  deadLettered?(): void;
  /** The broker has the verdict; `lagMs` is the time since the command was sent, if it says when. */
  verdictPublished?(outcome: VerdictOutcome, lagMs: number | undefined): void;
}
