/** Status of a node whose settings are wrong. In English; editors translate it. */
import { filled } from './phrases';
import type { Status } from './red';
import { VALIDATION_TEXTS } from './validation-texts';

/** A status is short, so it has the first problem and the number of all; the log has every one. */
export function settingStatus(problems: readonly string[]): Status {
  const [problem = '', ...others] = problems;
  const several = () => filled(VALIDATION_TEXTS.several, { count: problems.length, problem });
  return { fill: 'red', shape: 'ring', text: others.length > 0 ? several() : problem };
}
