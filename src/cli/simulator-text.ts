/** Lines of phase0-simulator for people. */
import { printable } from '../printable';
import type { FormatLine } from './log';

/** An entry with its values as text. */
type Entry = Readonly<Record<string, string>>;

const TEXTS: Readonly<Record<string, (entry: Entry) => string>> = {
  listening: ({ host, port, mode, reply }) => `listening on ${host}:${port}, mode ${mode}, reply ${reply}`,
  tcp_packet: ({ device_id, state, connection, repeated }) =>
    `${device_id} ${state === 'true' ? 'on' : 'off'} (connection ${connection}${repeated === 'true' ? ', repeated' : ''})`,
  reply: ({ connection }) => `reply (connection ${connection})`,
  malformed: ({ error }) => `invalid request: ${error}`,
  mode: ({ mode, host, port }) => `mode ${mode}, ${host}:${port}${mode === 'reject' ? ' refuses connections' : ''}`,
  error: ({ error }) => `error: ${error}`,
  left_out: ({ lines }) => `${lines} lines left out`,
  closed: ({ connections, applied }) => `closed after ${connections} connections and ${applied} toggles`,
};

/** Ids and errors may hold text from the wire. */
export const simulatorText: FormatLine = (entry) => {
  const texts: Entry = Object.fromEntries(Object.entries(entry).map(([key, value]) => [key, String(value)]));
  const { event = '', message = '', ts = '' } = texts;
  return `${ts.slice(11, 19)} ${printable(TEXTS[event]?.(texts) ?? message)}`;
};
