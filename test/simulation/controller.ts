/** A controller of the simulated world: one `Device` of the core after the other, watched by the laws. */
import { Device } from '../../src/device/device';
import type { Observer } from '../../src/observer';
import type { Metrics } from '../../src/observers/metrics';
import type { StopReason } from '../../src/outcomes';
import { deviceFields, type DeviceSettings } from '../../src/settings/device';
import { parseSettings } from '../../src/settings/field';
import type { Addresses } from '../../src/transport/connection-turns';
import { AttemptLaws } from './attempt-laws';
import type { AttemptFact, Era, ToggleFact } from './facts';
import type { Judge } from './judge';
import { LaneLaws } from './lane-laws';
import type { SimNetwork } from './sim-network';
import type { SimSocket } from './sim-socket';
import type { ToggleAction } from './story';
import type { ControllerPlan, Draw, EndpointPlan } from './swarm';
import type { VirtualTime } from './virtual-time';

export interface ControllerDeps {
  readonly plan: ControllerPlan;
  readonly endpoint: EndpointPlan;
  readonly time: VirtualTime;
  readonly network: SimNetwork;
  readonly judge: Judge;
  readonly metrics: Metrics;
  readonly addresses: Addresses;
  readonly draw: Draw;
  /** Called within the call that reports a verdict or the start of a first attempt. */
  readonly react: (toggle: ToggleFact, on: 'verdict' | 'start') => void;
}

/** One for the load, and one for the next save. */
const TIMERS_OF_STORE = 2;

type Lanes = Map<string, LaneLaws>;

export class Controller {
  device: Device;
  era: Era;
  /** Those of the current era; an older one may still have verdicts to come. */
  private lanes: Lanes = new Map();
  /** The current one, and those that were closed and have verdicts to come. */
  private readonly eras = new Set<Era>();
  private readonly touched = new Set<LaneLaws>();
  private readonly attemptLaws: AttemptLaws;
  private lastOpened: SimSocket | undefined;
  /** What the store holds. */
  private saved: Readonly<Record<string, boolean>> = {};

  constructor(
    private readonly index: number,
    private readonly deps: ControllerDeps,
  ) {
    this.attemptLaws = new AttemptLaws(deps.judge.broken, (toggle) => deps.judge.isShared(toggle));
    ({ device: this.device, era: this.era } = this.begin(deps.plan.settings, 1));
  }

  toggle({
    deviceId,
    state,
    msgId,
    requester,
  }: Omit<ToggleAction, 'kind' | 'atMs' | 'controller' | 'reaction'>): ToggleFact {
    const { judge } = this.deps;
    const { era, device } = this;
    const refused = era.isClosed ? 'closed' : state === 'invalid' ? 'invalid_state' : undefined;
    const toggle = judge.asked({ era, deviceId, msgId, requested: state, requester, refused });
    const lane = this.lane(era, this.lanes, deviceId);
    if (!refused) lane.asked(toggle);
    const verdict = device.toggle({
      deviceId,
      msgId,
      requester,
      state: state as boolean,
      observer: {
        verdict: () => this.deps.react(toggle, 'verdict'),
        attemptStarted: ({ attempt }) => {
          if (attempt === 1) this.deps.react(toggle, 'start');
        },
      },
    });
    lane.promote(toggle);
    verdict.then(
      (result) => {
        if (result !== toggle.verdict) judge.broken('verdict', `toggle ${toggle.index} resolved to another verdict`);
        judge.resolved();
      },
      () => judge.broken('verdict', `toggle ${toggle.index} was rejected with an error`),
    );
    return toggle;
  }

  stop(reason: StopReason, requester: string | undefined): void {
    this.mark(reason, requester);
    this.device.stop(reason, requester);
  }

  rest(): void {
    this.device.closeIdle();
  }

  close(): void {
    this.mark('closed', undefined);
    this.era.isClosed = true;
    this.device.close();
  }

  deploy(isChanged: boolean): void {
    const { plan } = this.deps;
    this.close();
    const settings = isChanged ? plan.changed : plan.settings;
    ({ device: this.device, era: this.era } = this.begin(settings, this.era.number + 1));
  }

  settled(): void {
    for (const lane of this.touched) lane.settled();
    this.touched.clear();
    for (const era of this.eras) this.judgeTimers(era);
  }

  /** Timers of an era that has nothing to do, or has ended. */
  private judgeTimers(era: Era): void {
    const pending = era.clock.pendingTimers();
    const { connection } = era.settings;
    if (era.isClosed) {
      if (era.unresolved === 0) this.eras.delete(era);
      // A store that has not loaded yet is asked to save once it has.
      if (pending > 0) this.deps.judge.broken('leak', `${pending} timers are left of a device that was closed`);
    } else if (connection === 'per-toggle' && era.unresolved === 0 && pending > TIMERS_OF_STORE) {
      this.deps.judge.broken('leak', `${pending} timers are left, and nothing is under way`);
    }
  }

  private begin(settings: Partial<DeviceSettings>, number: number): { device: Device; era: Era } {
    const { endpoint, time, network, metrics, addresses, draw, plan, judge } = this.deps;
    const { host, port } = endpoint;
    const parsed = parseSettings(deviceFields, { deviceId: `controller-${this.index}`, host, port, ...settings });
    if (!parsed.ok) throw new Error(parsed.problems.join());
    const era: Era = {
      controller: this.index,
      number,
      settings: parsed.settings,
      clock: time.newClock(),
      isClosed: false,
      unresolved: 0,
    };
    this.eras.add(era);
    const lanes: Lanes = new Map();
    this.lanes = lanes;
    const fail = (error: unknown): void => judge.broken('error', String(error));
    const device = new Device(parsed.settings, {
      clock: era.clock,
      random: draw.random,
      addresses,
      connect: network.connectFor({
        opened: (socket) => {
          this.lastOpened = socket;
        },
        wrote: (socket, packet) => judge.wrote(socket, packet),
      }),
      observers: [this.observer(era, lanes), metrics.observer(`controller-${this.index}`, `controller-${this.index}`)],
      onObserverError: fail,
      ...(plan.storeMs === undefined ? {} : { stateStore: this.store(plan.storeMs) }),
      onStateStoreError: () => undefined,
    });
    return { device, era };
  }

  private store(ms: number): {
    load(): Promise<unknown>;
    save(states: Readonly<Record<string, boolean>>): Promise<void>;
  } {
    const { time } = this.deps;
    return {
      load: () => new Promise((resolve) => void time.io(ms, () => resolve(this.saved))),
      save: (states) =>
        new Promise((resolve) => {
          time.io(1, () => {
            this.saved = states;
            resolve();
          });
        }),
    };
  }

  private observer(era: Era, lanes: Lanes): Observer {
    const { judge } = this.deps;
    const laneOf = (deviceId: string): LaneLaws => this.lane(era, lanes, deviceId);
    const attemptOf = (deviceId: string, msgId: string): AttemptFact | undefined =>
      judge.find(deviceId, msgId)?.attempts.at(-1);
    return {
      attemptStarted: (start) => {
        judge.note(start.deviceId, 'attempt', start.attempt, start.msgId, start.state);
        const toggle = judge.find(start.deviceId, start.msgId);
        if (!toggle) return;
        if (start.attempt === 1) laneOf(start.deviceId).started(toggle);
        const attempt: AttemptFact = {
          start,
          started: judge.now(),
          socket: undefined,
          end: undefined,
          ended: undefined,
          packets: [],
          decodeErrors: [],
        };
        toggle.attempts.push(attempt);
        this.attemptLaws.started(toggle, attempt);
      },
      attemptEnded: (end) => {
        judge.note(end.deviceId, 'attempt ended', end.attempt, end.msgId, end.outcome, end.cause);
        const toggle = judge.find(end.deviceId, end.msgId);
        const attempt = toggle?.attempts.at(-1);
        if (!toggle || !attempt) return;
        attempt.end = end;
        attempt.ended = judge.now();
        this.attemptLaws.ended(toggle, attempt);
      },
      packet: (event) => {
        judge.note(event.deviceId, event.direction, event.outcome, event.msgId);
        attemptOf(event.deviceId, event.msgId)?.packets.push(event);
      },
      decodeError: (event) => {
        judge.decodeError(event);
        if (event.msgId !== undefined) attemptOf(event.deviceId, event.msgId)?.decodeErrors.push(event);
      },
      connectionState: (deviceId, state) => {
        judge.note(deviceId, 'connection is', state);
        if (era.settings.connection === 'persistent' || state !== 'connecting') return;
        const attempt = laneOf(deviceId).current?.attempts.at(-1);
        if (attempt) attempt.socket = this.lastOpened;
      },
      queueDepth: (deviceId, depth) => laneOf(deviceId).depthReported(depth),
      circuitState: (deviceId, state) => {
        judge.note(deviceId, 'circuit is', state);
        laneOf(deviceId).circuitReported(state);
      },
      verdict: (verdict) => {
        judge.note(verdict.deviceId, 'verdict', verdict.outcome, verdict.reason, verdict.msgId, verdict.attempts);
        const toggle = judge.find(verdict.deviceId, verdict.msgId);
        if (!toggle) return judge.broken('verdict', `there is one for ${verdict.deviceId} ${verdict.msgId}`);
        if (toggle.refused) {
          if (verdict.reason !== toggle.refused) judge.broken('verdict', `${verdict.reason}, not ${toggle.refused}`);
        } else {
          this.attemptLaws.verdict(toggle, verdict, judge.now());
          laneOf(verdict.deviceId).verdict(toggle, verdict);
        }
        judge.verdict(toggle, verdict);
      },
    };
  }

  private lane(era: Era, lanes: Lanes, deviceId: string): LaneLaws {
    let lane = lanes.get(deviceId);
    if (!lane) {
      lane = new LaneLaws(era, this.deps.judge.now, this.deps.judge.broken);
      lanes.set(deviceId, lane);
    }
    this.touched.add(lane);
    return lane;
  }

  private mark(reason: StopReason, requester: string | undefined): void {
    for (const toggle of this.deps.judge.unresolved) {
      const isMine = toggle.era === this.era && (requester === undefined || toggle.requester === requester);
      // Nothing can be stopped once its last attempt has ended.
      const end = toggle.attempts.at(-1)?.end;
      if (isMine && (!end || end.willRetry)) toggle.stopped.add(reason);
      if (isMine) this.touched.add(this.lane(this.era, this.lanes, toggle.deviceId));
    }
  }
}
