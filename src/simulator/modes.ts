/** Behaviour of the simulated device in each mode. */
import { encodeReply, LAB_ACK, type ToggleRequest } from '../protocol/toggle';
import type { Mode, SimulatorSettings } from '../settings/simulator';

/** Reaction of the device to one packet. */
export interface Behaviour {
  /** Whether the device switches. */
  readonly applies: boolean;
  /** The reply; absent = no reply. */
  readonly reply?: Buffer;
  readonly delayMs?: number;
  /** Sends the reply one byte at a time, `delayMs` apart. */
  readonly drip?: boolean;
  /** Closes the connection after the reply. */
  readonly closes?: boolean;
}

/** Bytes that begin like a frame but are not one, so that only the reply policy `any` accepts them. */
const GARBAGE = Buffer.from([0xf0, 0x0d, 0xff, 0x00, 0xde, 0xad]);

/** Settings that a mode reads; they may change between packets. */
type ModeSettings = Pick<SimulatorSettings, 'reply' | 'delayMs' | 'failureRate'>;
type Decide = (request: ToggleRequest, settings: ModeSettings, random: () => number) => Behaviour;

const succeed: Decide = (request, { reply }) => ({ applies: true, reply: wholeReply(request, reply) });

/** Modes that act before a packet arrives behave as `success` for packets that are already on their way. */
export const MODE_BEHAVIOURS: Readonly<Record<Mode, Decide>> = {
  success: succeed,
  disconnect: succeed,
  reject: succeed,
  delay: (request, settings, random) => ({ ...succeed(request, settings, random), delayMs: settings.delayMs }),
  drip: (request, settings, random) => ({
    ...succeed(request, settings, random),
    delayMs: settings.delayMs,
    drip: true,
  }),
  timeout: () => ({ applies: true }),
  nack: ({ msgId }) => ({
    applies: false,
    reply: encodeReply({ kind: 'nack', msgId, error: 'simulated refusal' }),
  }),
  garbage: () => ({ applies: true, reply: GARBAGE }),
  truncate: (request, { reply }) => {
    const whole = wholeReply(request, reply);
    return { applies: true, reply: whole.subarray(0, whole.length >> 1), closes: true };
  },
  flaky: (request, settings, random) =>
    random() < settings.failureRate ? { applies: false, closes: true } : succeed(request, settings, random),
};

function wholeReply({ msgId, state }: ToggleRequest, reply: SimulatorSettings['reply']): Buffer {
  return reply === 'raw' ? Buffer.from(LAB_ACK) : encodeReply({ kind: 'ack', msgId, state });
}
