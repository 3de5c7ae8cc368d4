/** Inputs that nearly are what is expected: built by their structure, then damaged. */
import type { Draw } from '../simulation/draw';
import { frame } from '../simulation/wire-reference';
import { BYTES, JSON_TEXTS, TEXTS } from './corpus';

const IDS = ['8f14e45fceea167a', 'm', 'lamp-1'] as const;
const ACK = Buffer.from('ACK');
/** A frame of a reply names this toggle, or another one. */
export const OWN_ID = IDS[0];

const one = <T>(draw: Draw, all: readonly T[]): T => all[draw.whole(0, all.length - 1)] as T;

export function text(draw: Draw): string {
  const base = draw.chance(0.6) ? one(draw, TEXTS) : one(draw, IDS) + draw.whole(0, 99);
  return draw.chance(0.1) ? base + one(draw, TEXTS) : base;
}

/** Anything that JavaScript has. */
export function value(draw: Draw, levels = 2): unknown {
  switch (draw.whole(0, levels > 0 ? 9 : 6)) {
    case 0:
      return draw.chance(0.5);
    case 1:
      return draw.pick([0, 1, -1, 1.5, NaN, Infinity, 2 ** 53, 65_535, 65_536, -0]);
    case 2:
      return undefined;
    case 3:
      return draw.pick<unknown>([null, 10n, Symbol('x'), () => 1, new Date(NaN), Object.create(null), new Map()]);
    case 7:
      return Array.from({ length: draw.whole(0, 3) }, () => value(draw, levels - 1));
    case 8:
      return Object.fromEntries([[text(draw), value(draw, levels - 1)]]);
    case 9:
      return hostile(draw);
    default:
      return text(draw);
  }
}

/** An object that throws or lies when it is looked at. */
export function hostile(draw: Draw): object {
  const thrower = () => {
    throw new Error('looked at');
  };
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return draw.pick<object>([
    proxy,
    new Proxy({}, { get: thrower, ownKeys: thrower }),
    { toString: thrower, valueOf: thrower, toJSON: thrower },
    Object.defineProperty({}, 'payload', { get: thrower, enumerable: true }),
    new Proxy(() => 1, { get: thrower }),
  ]);
}

export function json(draw: Draw): string {
  if (draw.chance(0.4)) return one(draw, JSON_TEXTS);
  const fields = {
    opcode: draw.pick(['ack', 'ack', 'nack', 'toggle', 'toggle', 'ACK', 1]),
    device_id: one(draw, IDS),
    msg_id: draw.chance(0.7) ? OWN_ID : text(draw),
    state: draw.pick<unknown>([true, false, 'true', 1, null]),
    error: draw.pick<unknown>(['interlock open', 1, null]),
  };
  const kept = Object.entries(fields).filter(() => draw.chance(0.8));
  return JSON.stringify(Object.fromEntries(kept));
}

/** A stream of frames, raw replies and rubbish, perhaps damaged. */
export function stream(draw: Draw): Buffer {
  const parts = Array.from({ length: draw.whole(1, 3) }, () => {
    const kind = draw.random();
    if (kind < 0.7) return frame(json(draw));
    return kind < 0.8 ? ACK : one(draw, BYTES);
  });
  return damaged(draw, Buffer.concat(parts), 0.5);
}

/** Bytes flipped, cut out, repeated or put in. */
export function damaged(draw: Draw, bytes: Buffer, chance: number): Buffer {
  if (bytes.length === 0 || !draw.chance(chance)) return bytes;
  const at = draw.whole(0, bytes.length - 1);
  const length = draw.chance(0.5) ? 1 : draw.whole(1, 20);
  switch (draw.whole(0, 4)) {
    case 0: {
      const copy = Buffer.from(bytes);
      copy[at] = draw.whole(0, 255);
      return copy;
    }
    case 1:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), one(draw, BYTES), bytes.subarray(at)]);
    default:
      return bytes.subarray(0, at);
  }
}

/** The same bytes in pieces. */
export function pieces(draw: Draw, bytes: Buffer): Buffer[] {
  const cuts = Array.from({ length: draw.whole(0, 4) }, () => draw.whole(0, bytes.length)).toSorted((a, b) => a - b);
  return [0, ...cuts].map((from, index) => bytes.subarray(from, cuts[index] ?? bytes.length));
}
