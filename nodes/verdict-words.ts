/** Words for a verdict in the language of the runtime. */
import { CAUSE_WORDS, type Address } from '../src/causes';
import { englishWords, type Verdict, type VerdictWords } from '../src/verdict';
import { SHARED } from './phrases';
import type { NodeApi } from './red';

const UNKNOWN_ADDRESS: Address = { host: '', port: 0 };

/** Causes whose words name the device's address. */
const ADDRESSED: ReadonlySet<string> = new Set(
  Object.entries(CAUSE_WORDS).flatMap(([cause, words]) =>
    /__(host|port)__/.test(Object.values(words).join(' ')) ? [cause] : [],
  ),
);
/** All nodes of a type share it, and there are as many addresses as devices. */
const MAX_REMEMBERED = 5000;

/**
 * The same, looked up once for each kind of verdict, and address if the words name it: Node-RED takes longer to look a text
 * up than a toggle takes.
 */
export function rememberedVerdictWords(RED: NodeApi): (verdict: Verdict, address?: Address) => VerdictWords {
  const remembered = new Map<string, VerdictWords>();
  return (verdict, address) => {
    const { outcome, cause, attempts } = verdict;
    const at = address && needsAddress(cause) ? `${address.host} ${address.port}` : '';
    const kind = `${outcome} ${cause} ${attempts} ${at}`;
    const known = remembered.get(kind);
    if (known) return known;
    const words = verdictWords(RED, verdict, address);
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
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
  return cause !== undefined && ADDRESSED.has(cause);
}
