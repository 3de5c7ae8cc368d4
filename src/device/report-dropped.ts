/** Verdicts on toggles that cannot be attempted. */
import type { Observer } from '../observer';
import { droppedVerdict, type Dropped, type Verdict } from '../verdict';

/** Makes the verdict, and reports it to the observers like that of any other toggle. */
export function reportDropped(observers: readonly Pick<Observer, 'asked' | 'verdict'>[], dropped: Dropped): Verdict {
  const verdict = droppedVerdict(dropped);
  const { deviceId, msgId } = verdict;
  for (const observer of observers) {
    observer.asked?.({ deviceId, msgId, requester: dropped.requester, requestId: dropped.requestId });
    observer.verdict?.(verdict);
  }
  return verdict;
}
