/** Runs one world: its story with faults, then without, then a roll call, and at last the end of everything. */
import type { Observer } from '../../src/observer';
import { Metrics } from '../../src/observers/metrics';
import { seededRandom } from '../../src/simulator/seeded-random';
import type { DeviceSettings } from '../../src/settings/device';
import type { Addresses } from '../../src/transport/connection-turns';
import { Controller } from './controller';
import { judgeEnd } from './end-laws';
import type { ToggleFact, Violation } from './facts';
import type { GroupWatch } from './group-watch';
import { Journal } from './journal';
import { Judge } from './judge';
import { judgeMetrics } from './metrics-laws';
import { judgeRecord } from './record-laws';
import { callRoll } from './roll-call';
import { SimDevice } from './sim-device';
import { SimNetwork } from './sim-network';
import type { Action, ReactionEvent, ToggleAction } from './story';
import { Draw } from './draw';
import type { DeviceKind, World } from './world';
import { VirtualTime } from './virtual-time';

type Reaction = NonNullable<ToggleAction['reaction']>;

export interface RunResult {
  readonly violations: readonly Violation[];
  readonly digest: string;
  readonly toggles: number;
  /** Simulated time of all controllers together. */
  readonly deviceMs: number;
  readonly outcomes: ReadonlyMap<string, number>;
  readonly timeline: readonly string[];
}

/** Closed sockets linger for half a second, a save takes a moment, and the process may be held up for seconds meanwhile. */
const AFTER_CLOSE_MS = 20_000;
export async function runWorld(world: World, isRecording = false): Promise<RunResult> {
  const run = new Run(world, isRecording);
  try {
    await run.play();
  } catch (error) {
    run.fail(error);
  }
  return run.result();
}

class Run {
  private readonly time: VirtualTime;
  private readonly journal: Journal;
  private readonly judge: Judge;
  private readonly metrics: Metrics;
  private readonly network: SimNetwork;
  private readonly devices: readonly SimDevice[];
  private readonly controllers: readonly Controller[];
  private readonly addresses: Addresses = new Map();
  private readonly reactions = new Map<ToggleFact, Reaction>();
  private actionsLeft: number;

  constructor(
    private readonly world: World,
    isRecording: boolean,
  ) {
    const jitter = new Draw(seededRandom(world.seed));
    const time = new VirtualTime({ earlyMs: () => (world.timersAreEarly ? jitter.random() * 0.9 : 0) });
    this.time = time;
    this.journal = new Journal(() => time.nowMs, isRecording);
    this.judge = new Judge(time, this.journal, (world.faults.corrupt ?? 0) > 0);
    this.metrics = new Metrics({ unixTimeMs: () => time.nowMs });
    const { journal, judge, metrics, addresses } = this;
    this.devices = world.endpoints.map(({ device: kind }, index) => {
      const ids = world.controllers.flatMap(({ endpoint, deviceIds, tables }) =>
        endpoint === index || tables ? deviceIds : [],
      );
      const deps = { kind, time, journal, watcher: judge, deviceIds: new Set(ids) };
      return new SimDevice({ ...deps, name: `device ${index}`, seed: Math.imul(world.seed, 0x165667b1) + index });
    });
    const network = new SimNetwork({ world, time, journal, devices: this.devices });
    this.network = network;
    this.controllers = world.controllers.map((plan, index) => {
      const endpoint = world.endpoints[plan.endpoint];
      if (!endpoint) throw new Error(`there is no endpoint ${plan.endpoint}`);
      const draw = new Draw(seededRandom(Math.imul(world.seed, 0xc2b2ae3d) + index));
      const react = (toggle: ToggleFact, on: ReactionEvent) => this.react(toggle, on);
      return new Controller(index, {
        plan,
        endpoint,
        endpoints: world.endpoints,
        time,
        network,
        judge,
        metrics,
        addresses,
        draw,
        react,
        reactTo: (deviceId, on) => this.reactTo(index, deviceId, on),
      });
    });
    this.actionsLeft = world.actions.length;
  }

  async play(): Promise<void> {
    const { world, time, judge } = this;
    for (const action of world.actions) {
      time.act(action.atMs, () => {
        this.actionsLeft -= 1;
        this.perform(action);
      });
    }
    await this.until(() => this.actionsLeft === 0);
    this.calm();
    const boundMs = time.nowMs + this.longestMs();
    const groups = (): GroupWatch[] => this.controllers.flatMap((controller) => [...controller.groups]);
    await this.until(() => (judge.unresolved.size === 0 && groups().length === 0) || time.nowMs > boundMs);
    if (groups().length > 0) judge.broken('group: liveness', `${groups().length} groups have no verdict`);
    for (const toggle of judge.unresolved) judge.broken('liveness', `toggle ${toggle.index} has no verdict`);
    for (let index = 0; index < this.controllers.length && !this.isBroken; index += 1) await this.callRoll(index);
    await this.end();
  }

  fail(error: unknown): void {
    this.judge.broken('error', error instanceof Error ? error.message : String(error));
  }

  result(): RunResult {
    const { judge, journal, time, controllers } = this;
    const outcomes = new Map<string, number>();
    for (const { verdict } of judge.toggles) {
      const key = verdict?.outcome ?? 'none';
      outcomes.set(key, (outcomes.get(key) ?? 0) + 1);
    }
    return {
      violations: judge.violations,
      digest: journal.digest,
      toggles: judge.toggles.length,
      deviceMs: time.nowMs * controllers.length,
      outcomes,
      timeline: journal.lines,
    };
  }

  private get isBroken(): boolean {
    return this.judge.violations.length > 0;
  }

  private until(isDone: () => boolean): Promise<void> {
    return this.time.run(
      () => this.isBroken || isDone(),
      () => {
        for (const controller of this.controllers) controller.settled();
      },
    );
  }

  private async pass(ms: number): Promise<void> {
    let hasPassed = false;
    this.time.act(ms, () => {
      hasPassed = true;
    });
    await this.until(() => hasPassed);
  }

  private perform(action: Action): void {
    const { time, journal, controllers, devices } = this;
    if (action.kind === 'hold') {
      journal.note('process', 'is held up', action.ms);
      return time.hold(action.ms);
    }
    if (action.kind === 'reboot') return devices[action.endpoint]?.reboot(action.downMs, action.isSilent);
    const controller = controllers[action.controller];
    if (!controller) return;
    if (action.kind !== 'toggle') journal.note(`controller ${action.controller}`, action.kind);
    switch (action.kind) {
      case 'toggle':
        return this.toggle(controller, action);
      case 'group':
        return controller.group(action);
      case 'stop':
        return controller.stop('cancelled', action.requester);
      case 'rest':
        return controller.rest();
      case 'deploy':
        return controller.deploy(action.isChanged);
      case 'reload':
        return controller.reload(action.table);
    }
  }

  private toggle(controller: Controller, { reaction, ...asked }: ToggleAction): void {
    const toggle = controller.toggle(asked, (fact) => {
      if (reaction) this.reactions.set(fact, reaction);
    });
    if (toggle.verdict) this.reactions.delete(toggle);
  }

  private react(toggle: ToggleFact, on: ReactionEvent): void {
    const reaction = this.reactions.get(toggle);
    if (reaction?.on !== on) return;
    this.reactions.delete(toggle);
    for (const action of reaction.actions) this.perform(action);
  }

  /** The user whose toggle for this device id is the first one that has such a reaction, and no verdict. */
  private reactTo(controller: number, deviceId: string, on: keyof Observer): void {
    for (const [toggle, reaction] of this.reactions) {
      const isFor = toggle.era.controller === controller && toggle.deviceId === deviceId;
      if (isFor && reaction.on === on && !toggle.verdict) return this.react(toggle, on);
    }
  }

  /** No more faults, except those that open connections already have. */
  private calm(): void {
    this.journal.note('world', 'calms down');
    this.network.isQuiet = true;
    for (const device of this.devices) device.isWell = true;
  }

  /** The longest that everything asked for may take, one after the other. */
  private longestMs(): number {
    let sum = 20_000;
    for (const { era } of this.judge.unresolved) sum += longestToggleMs(era.settings);
    for (const controller of this.controllers) {
      for (const group of controller.groups)
        sum += group.longestMs((deviceId) => longestToggleMs(controller.settingsOf(deviceId)));
    }
    return sum;
  }

  private async callRoll(index: number): Promise<void> {
    const { world, judge, devices, controllers } = this;
    const plan = world.controllers[index];
    const controller = controllers[index];
    if (!controller || !plan) return;
    // A device that takes one connection at a time may be held by another controller.
    for (const each of controllers) each.rest();
    for (const deviceId of plan.deviceIds.filter((each) => controller.knows(each))) {
      const { port } = controller.settingsOf(deviceId);
      const at = world.endpoints.findIndex((each) => each.port === port);
      const [endpoint, device] = [world.endpoints[at], devices[at]];
      if (!endpoint || !device) continue;
      await callRoll({
        index,
        deviceId,
        controller,
        device,
        latencyMs: world.latencyMs,
        isSecure: endpoint.isSecure,
        judge,
        until: (isDone) => this.until(isDone),
        pass: (ms) => this.pass(ms),
      });
      if (this.isBroken) return;
    }
  }

  private async end(): Promise<void> {
    const { judge, controllers, network, addresses } = this;
    this.judgeRecord();
    if (this.isBroken) return;
    for (const controller of controllers) controller.close();
    // A store may take long to load, and saves nothing before.
    await this.until(() => controllers.every(({ store }) => !store?.isBusy));
    await this.pass(AFTER_CLOSE_MS);
    if (this.isBroken) return;
    this.judgeRecord();
    judgeEnd({ world: this.world, controllers, judge, network, addresses });
    judgeMetrics(await this.metrics.text(), judge.toggles, judge.decodeErrors, judge.broken);
  }

  private judgeRecord(): void {
    const { toggles, broken, isCorrupting } = this.judge;
    judgeRecord(toggles, { kindOf: (toggle) => this.kindOf(toggle), isCorrupting }, broken);
  }

  private kindOf({ era }: ToggleFact): DeviceKind | undefined {
    return this.world.endpoints.find(({ port }) => port === era.settings.port)?.device;
  }
}

function longestToggleMs({
  connectTimeoutMs,
  ioTimeoutMs,
  maxAttempts,
  backoffMaxMs,
  jitterMs,
}: DeviceSettings): number {
  return maxAttempts * (510 + 2 * (connectTimeoutMs + 2 * ioTimeoutMs) + backoffMaxMs + jitterMs);
}
