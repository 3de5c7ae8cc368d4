/** What is fuzzed: one function that takes whatever is drawn, and what must hold of it. */
import type { Draw } from '../simulation/draw';

export interface Target {
  readonly name: string;
  /** Its share of the inputs, in parts of a thousand. */
  readonly share: number;
  /** Throws, or rejects, if something does not hold. */
  run(draw: Draw): void | Promise<void>;
  /** Before the first input and after the last one. */
  start?(): Promise<void>;
  end?(): Promise<void>;
}

/** Longest text that anything may say of a hostile input. */
const MOST_SAID = 2000;

/** What is said of an input is short, and changes no terminal. */
export function checkSaid(said: string): void {
  if (said.length === 0 || said.length > MOST_SAID) throw new Error(`${said.length} characters are said`);
  for (let at = 0; at < said.length; at += 1) {
    const code = said.charCodeAt(at);
    if (code < 0x20 || (code >= 0x7f && code < 0xa0))
      throw new Error(`what is said has a control character: ${JSON.stringify(said)}`);
  }
}
