/** Words for a verdict in the language of the runtime. */
import { CAUSE_WORDS, type Address } from '../src/causes';
import { englishWords, type Verdict, type VerdictWords } from '../src/verdict';
import { SHARED } from './phrases';
import type { NodeApi } from './red';

const UNKNOWN_ADDRESS: Address = { host: '', port: 0 };

/**
 * The same, looked up once for each kind of verdict: Node-RED takes longer to look a text up than a toggle takes. Their
 * number is limited by that of the causes, outcomes and attempts.
 */
export function rememberedVerdictWords(RED: NodeApi): (verdict: Verdict, address?: Address) => VerdictWords {
  const remembered = new Map<string, VerdictWords>();
  let rememberedAddress: Address | undefined;
  return (verdict, address) => {
    if (address !== rememberedAddress) remembered.clear();
    rememberedAddress = address;
    const kind = `${verdict.outcome} ${verdict.cause} ${verdict.attempts}`;
    const words = remembered.get(kind) ?? verdictWords(RED, verdict, address);
    remembered.set(kind, words);
    return words;
  };
}

/** English where the language, or the locale file, has no words. */
export function verdictWords(RED: NodeApi, verdict: Verdict, known?: Address): VerdictWords {
  const { attempts, outcome } = verdict;
  const cause = known || !needsAddress(verdict.cause) ? verdict.cause : undefined;
  const address = known ?? UNKNOWN_ADDRESS;
  const { cause: _cause, ...rest } = verdict;
  const english = englishWords({ ...rest, ...(cause && { cause }) }, address);
  const say = (key: string, values: object, inEnglish: string): string => {
    const text = RED._(`${SHARED}.${key}`, { ...values });
    return text.endsWith(key) ? inEnglish : text;
  };
  const what = say(`cause.${cause}.what`, address, '');
  const advice = say(`cause.${cause}.advice`, address, '');
  return {
    ...(english.cause && { cause: what && advice ? `${what} ${advice}` : english.cause }),
    attempts: say('verdict.attempts', { attempts }, english.attempts),
    consequence: say(`test.${outcome}`, {}, english.consequence),
  };
}

/** The workers of a fleet know the addresses of its devices; their error has the address, too. */
function needsAddress(cause: Verdict['cause']): boolean {
  return cause !== undefined && /__(host|port)__/.test(Object.values(CAUSE_WORDS[cause]).join(' '));
}
