/** What the dialog shows of a broker test. Types only; browser-safe. */
import type { BrokerAdvice } from './broker-advice';

export type BrokerTestAnswer =
  | { readonly outcome: 'connected'; readonly elapsedMs: number }
  | { readonly outcome: 'failed'; readonly error: string; readonly advice?: BrokerAdvice };
