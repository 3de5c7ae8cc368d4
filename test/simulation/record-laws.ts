/** Laws that compare verdicts with the record of the devices: who was confirmed was obeyed, once, and in order. */
import { name, type Broken, type ToggleFact } from './facts';
import type { Deed } from './sim-device';
import type { DeviceKind } from './world';

/** What a raw reply is, in hex. */
const ACK = Buffer.from('ACK').toString('hex');

export interface RecordContext {
  /** The device that a toggle went to. */
  readonly kindOf: (toggle: ToggleFact) => DeviceKind | undefined;
  /** Bytes may have changed on their way: a device may have obeyed, and answered, a toggle under another id. */
  readonly isCorrupting: boolean;
}

export function judgeRecord(toggles: readonly ToggleFact[], context: RecordContext, broken: Broken): void {
  const lanes = new Map<string, ToggleFact[]>();
  for (const toggle of toggles) {
    judge(toggle, context, broken);
    // A row of an inventory may move to another device.
    const key = `${toggle.deviceId} ${toggle.era.settings.port}`;
    const lane = lanes.get(key);
    if (lane) lane.push(toggle);
    else lanes.set(key, [toggle]);
  }
  for (const lane of lanes.values()) judgeOrder(lane, context, broken);
}

function judge(toggle: ToggleFact, { kindOf, isCorrupting }: RecordContext, broken: Broken): void {
  const kind = kindOf(toggle);
  const { verdict, arrivals, said, verdictSequence } = toggle;
  if (!verdict || !kind) return;
  const { outcome } = verdict;
  const was = (deed: Deed) =>
    arrivals.some(({ arrival, sequence }) => arrival.deed === deed && sequence < verdictSequence);
  let applied = 0;
  for (const { arrival } of arrivals) if (arrival.deed === 'applied') applied += 1;
  if (applied > 1 && kind.memory === 'remembers')
    broken('applied once', `${name(toggle)} was applied ${applied} times`);
  if (outcome === 'confirmed') {
    const isFramed = verdict.received?.startsWith('f00d') === true && toggle.era.settings.reply !== 'any';
    if (isFramed && !was('applied')) broken('confirmed', `${name(toggle)} was not applied before`);
    if (isFramed && !said.includes('ack')) broken('confirmed', `${name(toggle)} has no ack`);
    // A network may split other words after these three letters, and nothing tells that more is to come.
    const isSplit = verdict.received === ACK && said.includes('noise');
    if (!isFramed && toggle.era.settings.reply !== 'any' && !said.includes('raw') && !isSplit && !isCorrupting) {
      broken('confirmed', `${name(toggle)} has no raw reply`);
    }
  }
  if (outcome === 'rejected' && !(was('refused') && said.includes('nack'))) {
    broken('rejected', `${name(toggle)} was not refused before`);
  }
  if ((outcome === 'failed' || outcome === 'dropped') && arrivals.length > 0) {
    broken('failed', `${name(toggle)} is ${outcome}, and the device received it`);
  }
  const wanted = toggle.attempts[0]?.start.state;
  if (arrivals.some(({ arrival }) => arrival.state !== wanted))
    broken('asked', `${name(toggle)} arrived with another state`);
}

/** Of one device id, in the order of asking: nothing older arrives after something newer arrived or was confirmed. */
function judgeOrder(lane: readonly ToggleFact[], { kindOf }: RecordContext, broken: Broken): void {
  let newer: { readonly toggle: ToggleFact; readonly arrivedAt: number } | undefined;
  for (const toggle of lane.toReversed()) {
    const late = newer && toggle.arrivals.find(({ sequence }) => sequence > (newer?.arrivedAt ?? Infinity));
    if (newer && late && !mayBeConfirmedByGreeting(toggle, kindOf(toggle)))
      broken('order', `${name(toggle)} was ${late.arrival.deed} after ${name(newer.toggle)} had arrived`);
    const arrivedAt = toggle.arrivals[0]?.sequence ?? Infinity;
    if (arrivedAt < (newer?.arrivedAt ?? Infinity)) newer = { toggle, arrivedAt };
  }
}

/** Under `any`, a greeting that comes after the packet was sent is its reply, while the packet may still be on its way. */
function mayBeConfirmedByGreeting({ era, verdict }: ToggleFact, kind: DeviceKind | undefined): boolean {
  return era.settings.reply === 'any' && verdict?.outcome === 'confirmed' && kind?.greeting === 'late';
}
