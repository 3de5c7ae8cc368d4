/** A controller of the simulated world: one `Device` or `Inventory` of the core after the other, each watched by the laws. */
import type { Inventory } from '../../src/inventory/inventory';
import type { Observer } from '../../src/observer';
import type { Metrics } from '../../src/observers/metrics';
import type { StopReason } from '../../src/outcomes';
import type { DeviceSettings } from '../../src/settings/device';
import type { Addresses } from '../../src/transport/connection-turns';
import type { Verdict } from '../../src/verdict';
import type { ToggleFact } from './facts';
import { GroupWatch } from './group-watch';
import type { Judge } from './judge';
import { runDevice, runInventory, type Running } from './running';
import type { SimNetwork, SocketWatcher } from './sim-network';
import { SimStore } from './sim-store';
import type { GroupAction, ToggleAction } from './story';
import type { Draw } from './draw';
import type { ControllerPlan, EndpointPlan, RowPlan } from './world';
import type { VirtualTime } from './virtual-time';

export interface ControllerDeps {
  readonly plan: ControllerPlan;
  readonly endpoint: EndpointPlan;
  readonly endpoints: readonly EndpointPlan[];
  readonly time: VirtualTime;
  readonly network: SimNetwork;
  readonly judge: Judge;
  readonly metrics: Metrics;
  readonly addresses: Addresses;
  readonly draw: Draw;
  /** Called within the call that reports a verdict, or the start of a first attempt. */
  readonly react: (toggle: ToggleFact, on: 'verdict' | 'start') => void;
  /** Called within the call that reports something else of a device id. */
  readonly reactTo: (deviceId: string, on: keyof Observer) => void;
}

type Asked = Omit<ToggleAction, 'kind' | 'atMs' | 'controller' | 'reaction'>;

export class Controller {
  readonly store: SimStore | undefined;
  private running: Running;
  /** The current one, and those that were closed and have verdicts to come. */
  private readonly ended = new Set<Running>();
  private rows: readonly RowPlan[];
  /** Group commands that have no verdict. */
  readonly groups = new Set<GroupWatch>();
  private groupCount = 0;
  private readonly tooLate = new Set<string>();

  constructor(
    private readonly index: number,
    private readonly deps: ControllerDeps,
  ) {
    const { tables, storeMs, settings } = deps.plan;
    this.rows = tables?.[0] ?? [];
    this.store = storeMs === undefined ? undefined : new SimStore(deps.time, storeMs);
    this.running = this.begin(settings);
  }

  settingsOf(deviceId: string): DeviceSettings {
    return this.running.watchOf(deviceId).era.settings;
  }

  /** Of all rows at its address: one persistent connection has the deadlines of the first one. */
  sharedSettingsOf(deviceId: string): readonly DeviceSettings[] {
    const { port } = this.settingsOf(deviceId);
    const { deviceIds } = this.deps.plan;
    return deviceIds.map((each) => this.settingsOf(each)).filter((settings) => settings.port === port);
  }

  /** Whether an inventory has a row for it. */
  knows(deviceId: string): boolean {
    return this.running.knows(deviceId);
  }

  /** What is known of the states, and by the laws. */
  knownStates(deviceId: string): readonly [known: boolean | undefined, confirmed: boolean | undefined] {
    return [this.running.target.knownState(deviceId), this.running.life.known.get(deviceId)];
  }

  /** What was confirmed last is known, also by the device that has taken the place of the one that confirmed it. */
  judgeKnown(deviceId: string, running = this.running): void {
    const { life, target } = running;
    const known = target.knownState(deviceId);
    const confirmed = life.known.get(deviceId);
    const inherited = this.tooLate.has(deviceId) ? undefined : life.inherited.get(deviceId);
    const expected = confirmed ?? inherited;
    // What was inherited may not have been loaded yet.
    if (known === expected || expected === undefined || (confirmed === undefined && known === undefined)) return;
    const when = confirmed === undefined ? ' before the deploy' : '';
    this.deps.judge.broken('state', `${deviceId} was confirmed as ${expected}${when}, and is known as ${known}`);
  }

  /** Calls `onAsked` before the core hears of it. */
  toggle(asked: Asked, onAsked: (toggle: ToggleFact) => void = () => undefined): ToggleFact {
    return this.ask(this.running, asked, onAsked).toggle;
  }

  group(action: GroupAction): void {
    const { judge, time } = this.deps;
    const { running } = this;
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
        ask: ({ deviceId, state }, place) => this.ask(running, { deviceId, state, requester, msgId: msgIdOf(place) }),
        drop: (dropped, { deviceId, state }, place) => {
          const msgId = msgIdOf(place);
          const { era } = running.watchOf(deviceId);
          const toggle = judge.asked({ era, deviceId, msgId, requested: state, requester, refused: 'cancelled' });
          const verdict = (running.target as Inventory).drop({ ...dropped, msgId });
          if (verdict !== toggle.verdict) judge.broken('verdict', `toggle ${toggle.index} has another verdict`);
          judge.resolved();
          return toggle;
        },
        stop: (reason) => {
          this.mark(running, reason, (toggle) => toggle.requester === requester);
          running.target.stop(reason, requester);
        },
      },
    });
    this.groups.add(group);
    if (action.stopAfterMs !== undefined) time.act(action.stopAfterMs, () => group.stop());
  }

  private ask(
    running: Running,
    { deviceId, state, msgId, requester }: Asked,
    onAsked: (toggle: ToggleFact) => void = () => undefined,
  ): { toggle: ToggleFact; verdict: Promise<Verdict> } {
    const { judge, react } = this.deps;
    const { target, life } = running;
    const watch = running.watchOf(deviceId);
    const { era } = watch;
    this.judgeKnown(deviceId, running);
    const refused = life.isClosed
      ? 'closed'
      : state === 'invalid'
        ? 'invalid_state'
        : running.knows(deviceId)
          ? undefined
          : 'unknown_device';
    const toggle = judge.asked({ era, deviceId, msgId, requested: state, requester, refused });
    if (!refused) watch.lane(deviceId).asked(toggle);
    onAsked(toggle);
    const verdict = target.toggle({
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
    this.mark(this.running, reason, (toggle) => requester === undefined || toggle.requester === requester);
    this.running.target.stop(reason, requester);
  }

  rest(): void {
    this.running.target.closeIdle();
  }

  close(): void {
    this.mark(this.running, 'closed', () => true);
    this.running.life.isClosed = true;
    this.running.target.close();
  }

  deploy(isChanged: boolean): void {
    const { plan } = this.deps;
    // Whoever is told of a verdict meanwhile may deploy as well, and what he deployed is closed in its turn.
    do this.close();
    while (!this.running.life.isClosed);
    const { known, inherited } = this.running.life;
    const handedOn = this.store ? [...inherited, ...known] : [];
    this.running = this.begin(isChanged ? plan.changed : plan.settings, new Map(handedOn));
  }

  /** Another table of the inventory is read. */
  reload(table: number): void {
    this.rows = this.deps.plan.tables?.[table] ?? this.rows;
    this.running.reload(this.rows, (deviceId) =>
      this.mark(this.running, 'device_removed', (toggle) => toggle.deviceId === deviceId),
    );
  }

  settled(): void {
    for (const group of this.groups) {
      group.settled();
      if (group.hasEnded) this.groups.delete(group);
    }
    for (const running of this.ended) {
      for (const watch of running.watches) watch.settled();
      if (running.life.isClosed && running.life.unresolved === 0) this.ended.delete(running);
    }
  }

  private begin(settings: Partial<DeviceSettings>, inherited = new Map<string, boolean>()): Running {
    const { endpoint, endpoints, time, network, metrics, addresses, draw, plan, judge, reactTo } = this.deps;
    const id = `controller-${this.index}`;
    const deps = {
      controller: this.index,
      life: {
        clock: time.newClock(),
        known: new Map<string, boolean>(),
        inherited,
        tooLate: this.tooLate,
        answeredAtMs: -1,
        badReplyAtMs: -1,
        lastOpened: undefined,
        hasStore: this.store !== undefined,
        hasRows: plan.tables !== undefined,
        isClosed: false,
        unresolved: 0,
      },
      judge,
      addresses,
      endpoints,
      random: draw.random,
      // Last: whoever acts within an event acts after the others have heard of it.
      observers: [metrics.observer(id, id), reactor(reactTo)],
      connectFor: (watcher: SocketWatcher) => network.connectFor(watcher),
      stateStore: this.store?.open(),
    };
    const running = plan.tables ? runInventory(deps, this.rows) : runDevice(deps, endpoint, settings);
    this.ended.add(running);
    return running;
  }

  /** Which toggles a stop is for. */
  private mark(running: Running, reason: StopReason, isFor: (toggle: ToggleFact) => boolean): void {
    const { life } = running;
    for (const toggle of this.deps.judge.unresolved) {
      if (toggle.era.life !== life || toggle.refused || !isFor(toggle)) continue;
      // Nothing can be stopped once its last attempt has ended.
      const end = toggle.attempts.at(-1)?.end;
      if (!end || end.willRetry) toggle.stopped.push(reason);
      running.watchOf(toggle.deviceId).lane(toggle.deviceId);
    }
  }
}

function reactor(reactTo: ControllerDeps['reactTo']): Observer {
  return {
    packet: ({ deviceId }) => reactTo(deviceId, 'packet'),
    attemptEnded: ({ deviceId }) => reactTo(deviceId, 'attemptEnded'),
    decodeError: ({ deviceId }) => reactTo(deviceId, 'decodeError'),
    queueDepth: (deviceId) => reactTo(deviceId, 'queueDepth'),
    connectionState: (deviceId) => reactTo(deviceId, 'connectionState'),
  };
}
