/** Keeps the facts of a run, and collects what laws say was broken. */
import type { DecodeErrorEvent } from '../../src/observer';
import type { Verdict } from '../../src/verdict';
import type { Broken, Moment, ToggleFact, Violation } from './facts';
import type { Journal } from './journal';
import { Tally } from './metrics-laws';
import type { Arrival, DeviceWatcher, Said } from './sim-device';
import type { SimSocket } from './sim-socket';
import { TurnLaws } from './turn-laws';
import type { VirtualTime } from './virtual-time';
import { bufferOf, readFrames, readToggle, type WireToggle } from './wire-reference';

type Asked = Pick<ToggleFact, 'era' | 'deviceId' | 'msgId' | 'requested' | 'requester' | 'refused'>;

export class Judge implements DeviceWatcher {
  readonly toggles: ToggleFact[] = [];
  /** Those without a verdict. */
  readonly unresolved = new Set<ToggleFact>();
  readonly violations: Violation[] = [];
  readonly decodeErrors = new Tally();
  readonly turnLaws = new TurnLaws((law, what) => this.broken(law, what));
  /** Verdicts that their promise has handed over as well. */
  resolvedCount = 0;
  /** How many toggles have each message id. */
  private readonly useOfIds = new Map<string, number>();
  private readonly byIds = new Map<string, Map<string, ToggleFact>>();
  private sequence = 0;

  /** `isCorrupting`: bytes may change on their way, so that a device may receive what nobody sent. */
  constructor(
    private readonly time: VirtualTime,
    private readonly journal: Journal,
    readonly isCorrupting: boolean,
  ) {}

  readonly now = (): Moment => ({ atMs: this.time.nowMs, heldMs: this.time.heldMs });

  readonly broken: Broken = (law, what) => {
    this.journal.note('LAW BROKEN', law, what);
    this.violations.push({ law, what });
  };

  note(who: string, what: string, ...parts: readonly (string | number | boolean | undefined)[]): void {
    this.journal.note(who, what, ...parts);
  }

  find(deviceId: string, msgId: string): ToggleFact | undefined {
    return this.byIds.get(deviceId)?.get(msgId);
  }

  isShared({ msgId }: ToggleFact): boolean {
    return (this.useOfIds.get(msgId) ?? 0) > 1;
  }

  asked(asked: Asked): ToggleFact {
    const { deviceId, msgId, requested } = asked;
    this.note(deviceId, 'is asked to be', String(requested), msgId, 'by', asked.requester);
    const toggle: ToggleFact = {
      index: this.toggles.length,
      era: asked.era,
      deviceId,
      msgId,
      requested,
      requester: asked.requester,
      refused: asked.refused,
      asked: this.now(),
      attempts: [],
      carriers: [],
      arrivals: [],
      said: [],
      stopped: [],
      verdict: undefined,
      verdictSequence: Infinity,
    };
    this.toggles.push(toggle);
    this.unresolved.add(toggle);
    toggle.era.life.unresolved += 1;
    this.useOfIds.set(msgId, (this.useOfIds.get(msgId) ?? 0) + 1);
    let ofDevice = this.byIds.get(deviceId);
    if (!ofDevice) {
      ofDevice = new Map();
      this.byIds.set(deviceId, ofDevice);
    }
    ofDevice.set(msgId, toggle);
    return toggle;
  }

  verdict(toggle: ToggleFact, verdict: Verdict): void {
    this.sequence += 1;
    toggle.verdict ??= verdict;
    toggle.verdictSequence = this.sequence;
    if (this.unresolved.delete(toggle)) toggle.era.life.unresolved -= 1;
  }

  resolved(): void {
    this.resolvedCount += 1;
  }

  /** The core wrote bytes: whole packets, since it writes one with each call. */
  wrote(socket: SimSocket, packet: Uint8Array): ToggleFact | undefined {
    const { frames, isBroken } = readFrames(bufferOf(packet));
    const sent = frames.length === 1 && !isBroken ? readToggle(frames[0]?.json ?? '') : undefined;
    const toggle = sent && this.find(sent.deviceId, sent.msgId);
    if (!toggle) {
      this.broken('packet', `what was written was never asked for: ${Buffer.from(packet).toString('hex')}`);
      return undefined;
    }
    if (!toggle.carriers.includes(socket)) toggle.carriers.push(socket);
    if (toggle.verdict) this.broken('packet', `toggle ${toggle.index} is sent after its verdict`);
    if (sent.state !== toggle.attempts.at(-1)?.start.state)
      this.broken('packet', `toggle ${toggle.index} asks for ${sent.state}`);
    return toggle;
  }

  decodeError({ deviceId, reason, msgId }: DecodeErrorEvent): void {
    this.note(deviceId, 'decode error', reason, msgId);
    this.decodeErrors.add('decode_errors_total', deviceId, ['reason', reason]);
  }

  arrived(arrival: Arrival): void {
    this.sequence += 1;
    const { deviceId, msgId, deed } = arrival;
    const toggle = this.find(deviceId, msgId);
    if (toggle) toggle.arrivals.push({ arrival, sequence: this.sequence });
    else if (!this.isCorrupting) this.broken('asked', `${deviceId} ${msgId} was ${deed}, and never asked for`);
  }

  said({ deviceId, msgId }: WireToggle, said: Said): void {
    const toggle = this.find(deviceId, msgId);
    if (toggle && !toggle.said.includes(said)) toggle.said.push(said);
  }

  greeted(): void {
    this.note('device', 'greets');
  }
}
