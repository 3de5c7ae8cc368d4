/** Which advice helps against an error of the broker's connection: the key of its text in the locale files. Pure. */

const ADVICE = {
  /** `phase0-worker --setup` was not run; the error says so in full. */
  setup: /NOT_FOUND|no exchange/,
  vhost: /NOT_ALLOWED|vhost/i,
  login: /ACCESS_REFUSED/,
  host: /ENOTFOUND|EAI_AGAIN/,
  tls: /certificate|altname|SSL|TLS|EPROTO/i,
  address: /ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|time|end of|closed/i,
} as const;

export type BrokerAdvice = keyof typeof ADVICE;

/** Undefined where nothing better can be said than the error itself. */
export function adviceOn(error: string): BrokerAdvice | undefined {
  return (Object.keys(ADVICE) as BrokerAdvice[]).find((advice) => ADVICE[advice].test(error));
}
