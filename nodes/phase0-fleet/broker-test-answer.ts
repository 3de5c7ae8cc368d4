/** What the dialog shows of a broker test. Types only; browser-safe. */
export type BrokerTestAnswer =
  | { readonly outcome: 'connected'; readonly elapsedMs: number }
  | { readonly outcome: 'failed'; readonly error: string };
