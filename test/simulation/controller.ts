/** A controller of the simulated world: one `Device` of the core after the other, each watched by the laws. */
import { Device } from '../../src/device/device';
import type { StateStore } from '../../src/device/known-states';
import { Inventory } from '../../src/inventory/inventory';
import type { Metrics } from '../../src/observers/metrics';
import type { StopReason } from '../../src/outcomes';
import { deviceFields, type DeviceSettings } from '../../src/settings/device';
import { parseSettings } from '../../src/settings/field';
import type { Addresses } from '../../src/transport/connection-turns';
import type { Verdict } from '../../src/verdict';
import { EraWatch } from './era-watch';
import type { ToggleFact } from './facts';
import { GroupWatch } from './group-watch';
import type { Judge } from './judge';
import type { SimNetwork } from './sim-network';
import type { GroupAction, ToggleAction } from './story';
import type { Draw } from './draw';
import type { ControllerPlan, EndpointPlan } from './world';
import type { VirtualTime } from './virtual-time';

/** How long the store of states takes to save. */
const SAVE_MS = 1;

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

interface Life {
  readonly device: Device | Inventory;
  readonly watch: EraWatch;
}

type Asked = Omit<ToggleAction, 'kind' | 'atMs' | 'controller' | 'reaction'>;

export class Controller {
  /** What the store of states holds. */
  saved: Readonly<Record<string, boolean>> = {};
  private life: Life;
  /** The current one, and those that were closed and have verdicts to come. */
  private readonly watches = new Set<EraWatch>();
  /** Group commands that have no verdict. */
  readonly groups = new Set<GroupWatch>();
  private groupCount = 0;

  constructor(
    private readonly index: number,
    private readonly deps: ControllerDeps,
  ) {
    this.life = this.begin(deps.plan.settings);
  }

  get settings(): DeviceSettings {
    return this.life.watch.era.settings;
  }

  /** What is known of the states, and by the laws. */
  knownStates(deviceId: string): readonly [known: boolean | undefined, confirmed: boolean | undefined] {
    return [this.life.device.knownState(deviceId), this.life.watch.era.known.get(deviceId)];
  }

  toggle(asked: Asked): ToggleFact {
    return this.ask(this.life, asked).toggle;
  }

  group(action: GroupAction): void {
    const { judge, time } = this.deps;
    const { life } = this;
    this.groupCount += 1;
    const requester = `group-${this.index}-${this.groupCount}`;
    const msgIdOf = (place: number) => `${requester}-${place}`;
    const group = new GroupWatch({
      action,
      requester,
      clock: time.newClock(),
      now: judge.now,
      broken: judge.broken,
      note: (what, ...parts) => judge.note(requester, what, ...parts),
      target: {
        ask: ({ deviceId, state }, place) => this.ask(life, { deviceId, state, requester, msgId: msgIdOf(place) }),
        drop: (dropped, { deviceId, state }, place) => {
          const msgId = msgIdOf(place);
          const { era } = life.watch;
          const toggle = judge.asked({ era, deviceId, msgId, requested: state, requester, refused: 'cancelled' });
          const verdict = (life.device as Inventory).drop({ ...dropped, msgId });
          if (verdict !== toggle.verdict) judge.broken('verdict', `toggle ${toggle.index} has another verdict`);
          judge.resolved();
          return toggle;
        },
        stop: (reason) => {
          this.mark(life, reason, requester);
          life.device.stop(reason, requester);
        },
      },
    });
    this.groups.add(group);
    if (action.stopAfterMs !== undefined) time.act(action.stopAfterMs, () => group.stop());
  }

  private ask(
    life: Life,
    { deviceId, state, msgId, requester }: Asked,
  ): { toggle: ToggleFact; verdict: Promise<Verdict> } {
    const { judge, react } = this.deps;
    const { device, watch } = life;
    const { era } = watch;
    const [known, confirmed] = [device.knownState(deviceId), era.known.get(deviceId)];
    if (confirmed !== undefined && known !== confirmed) {
      judge.broken('state', `${deviceId} was confirmed as ${confirmed}, and is known as ${known}`);
    }
    const refused = era.isClosed ? 'closed' : state === 'invalid' ? 'invalid_state' : undefined;
    const toggle = judge.asked({ era, deviceId, msgId, requested: state, requester, refused });
    if (!refused) watch.lane(deviceId).asked(toggle);
    const verdict = device.toggle({
      deviceId,
      msgId,
      requester,
      state: state as boolean,
      observer: {
        verdict: () => react(toggle, 'verdict'),
        attemptStarted: ({ attempt }) => {
          if (attempt === 1) react(toggle, 'start');
        },
      },
    });
    watch.lane(deviceId).promote(toggle);
    verdict.then(
      (result) => {
        if (result !== toggle.verdict) judge.broken('verdict', `toggle ${toggle.index} resolved to another verdict`);
        judge.resolved();
      },
      () => judge.broken('verdict', `toggle ${toggle.index} was rejected with an error`),
    );
    return { toggle, verdict };
  }

  stop(reason: StopReason, requester: string | undefined): void {
    this.mark(this.life, reason, requester);
    this.life.device.stop(reason, requester);
  }

  rest(): void {
    this.life.device.closeIdle();
  }

  close(): void {
    this.mark(this.life, 'closed', undefined);
    this.life.watch.era.isClosed = true;
    this.life.device.close();
  }

  deploy(isChanged: boolean): void {
    const { plan } = this.deps;
    this.close();
    this.life = this.begin(isChanged ? plan.changed : plan.settings);
  }

  settled(): void {
    for (const group of this.groups) {
      group.settled();
      if (group.hasEnded) this.groups.delete(group);
    }
    for (const watch of this.watches) {
      watch.settled();
      if (watch.era.isClosed && watch.era.unresolved === 0) this.watches.delete(watch);
    }
  }

  private begin(settings: Partial<DeviceSettings>): Life {
    const { endpoint, time, network, metrics, addresses, draw, plan, judge } = this.deps;
    const { host, port } = endpoint;
    const id = `controller-${this.index}`;
    const parsed = parseSettings(deviceFields, { deviceId: id, host, port, ...settings });
    if (!parsed.ok) throw new Error(parsed.problems.join());
    const watch = new EraWatch(
      {
        controller: this.index,
        settings: parsed.settings,
        clock: time.newClock(),
        known: new Map(),
        answeredAtMs: -1,
        hasStore: plan.storeMs !== undefined,
        isClosed: false,
        unresolved: 0,
      },
      judge,
    );
    this.watches.add(watch);
    const options = {
      clock: watch.era.clock,
      random: draw.random,
      addresses,
      connect: network.connectFor({
        opened: (socket) => watch.opened(socket),
        wrote: (socket, packet) => watch.wrote(socket, packet),
        closedInOrder: (socket) => watch.sessionLaws.closedInOrder(socket),
      }),
      observers: [watch.observer, metrics.observer(id, id)],
      onObserverError: (error: unknown) => judge.broken('error', String(error)),
      ...(plan.storeMs === undefined ? {} : { stateStore: this.store(plan.storeMs) }),
      // A store that takes too long to load is reported so.
      onStateStoreError: () => undefined,
    };
    if (!plan.isInventory) return { device: new Device(parsed.settings, options), watch };
    const device = new Inventory(options);
    const devices = plan.deviceIds.map((deviceId) => ({
      settings: { ...parsed.settings, deviceId },
      tls: false,
      tags: [],
    }));
    device.load({ ok: true, devices });
    return { device, watch };
  }

  private store(loadMs: number): StateStore {
    const { time } = this.deps;
    return {
      // Takes no less than a save: a load does not overtake the save before it.
      load: () =>
        new Promise((resolve) => {
          time.io(SAVE_MS + loadMs, () => resolve(this.saved));
        }),
      save: (states) =>
        new Promise((resolve) => {
          time.io(SAVE_MS, () => {
            this.saved = states;
            resolve();
          });
        }),
    };
  }

  /** Which toggles a stop is for. */
  private mark({ watch }: Life, reason: StopReason, requester: string | undefined): void {
    for (const toggle of this.deps.judge.unresolved) {
      const isMine = toggle.era === watch.era && (requester === undefined || toggle.requester === requester);
      if (!isMine) continue;
      // Nothing can be stopped once its last attempt has ended.
      const end = toggle.attempts.at(-1)?.end;
      if (!end || end.willRetry) toggle.stopped.push(reason);
      watch.lane(toggle.deviceId);
    }
  }
}
