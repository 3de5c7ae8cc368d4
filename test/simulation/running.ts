/** What a controller runs from one deploy to the next: a device, or an inventory, and who watches it. */
import { Device } from '../../src/device/device';
import type { StateStore } from '../../src/device/known-states';
import type { InventoryDevice } from '../../src/inventory/columns';
import { Inventory } from '../../src/inventory/inventory';
import type { Observer } from '../../src/observer';
import type { ToggleOptions } from '../../src/device/toggles';
import { deviceFields, type DeviceSettings } from '../../src/settings/device';
import { parseSettings } from '../../src/settings/field';
import type { Addresses } from '../../src/transport/connection-turns';
import type { Connect } from '../../src/transport/socket';
import { EraWatch } from './era-watch';
import type { Life } from './facts';
import type { Judge } from './judge';
import { SessionLaws } from './session-laws';
import type { SocketWatcher } from './sim-network';
import type { EndpointPlan, RowPlan } from './world';

export interface Running {
  readonly target: Device | Inventory;
  readonly life: Life;
  readonly watches: Iterable<EraWatch>;
  /** Who watches the lane of a device id. */
  watchOf(deviceId: string): EraWatch;
  /** Whether toggles of a device id are taken at all. */
  knows(deviceId: string): boolean;
  /** Other rows, for an inventory. Calls `removing` for each toggle that ends because its row is gone. */
  reload(rows: readonly RowPlan[], removing: (deviceId: string) => void): void;
}

export interface RunningDeps extends Required<Pick<ToggleOptions, 'random' | 'observers'>> {
  readonly controller: number;
  readonly life: Life;
  readonly judge: Judge;
  readonly addresses: Addresses;
  readonly endpoints: readonly EndpointPlan[];
  readonly connectFor: (watcher: SocketWatcher) => Connect;
  readonly stateStore: StateStore | undefined;
}

export function runDevice(deps: RunningDeps, endpoint: EndpointPlan, plan: Partial<DeviceSettings>): Running {
  const { controller, life, judge } = deps;
  const settings = settingsOf(`controller-${controller}`, endpoint, plan);
  const watch = new EraWatch({ controller, settings, life }, judge);
  const target = new Device(settings, optionsOf(deps, watch, watch.observer));
  return { target, life, watches: [watch], watchOf: () => watch, knows: () => true, reload: () => undefined };
}

export function runInventory(deps: RunningDeps, rows: readonly RowPlan[]): Running {
  const { controller, life, judge, endpoints } = deps;
  const sessionLaws = new SessionLaws(judge.broken);
  const watches = new Map<string, EraWatch>();
  const [first] = endpoints;
  if (!first) throw new Error('there is no endpoint');
  const watchOf = (deviceId: string, settings?: DeviceSettings): EraWatch => {
    let watch = watches.get(deviceId);
    if (!watch) {
      const era = { controller, settings: settings ?? settingsOf(deviceId, first, {}), life };
      watch = new EraWatch(era, judge, sessionLaws);
      watches.set(deviceId, watch);
    }
    return watch;
  };
  const sockets = new EraWatch({ controller, settings: settingsOf('sockets', first, {}), life }, judge, sessionLaws);
  const target = new Inventory(optionsOf(deps, sockets, byDeviceId(watchOf)));
  const devicesOf = (plans: readonly RowPlan[]) =>
    plans.map(({ deviceId, endpoint, settings, tags }): InventoryDevice => {
      const plan = endpoints[endpoint] ?? first;
      return { settings: settingsOf(deviceId, plan, settings), tls: plan.isSecure, tags };
    });
  const load = (plans: readonly RowPlan[], removing: (deviceId: string) => void): void => {
    const devices = devicesOf(plans);
    const kept = new Set(plans.map(({ deviceId }) => deviceId));
    for (const deviceId of target.deviceIds) {
      if (kept.has(deviceId)) continue;
      removing(deviceId);
      life.known.delete(deviceId);
      life.inherited.delete(deviceId);
      watchOf(deviceId).rowChanged();
    }
    for (const { settings } of devices) {
      const watch = watchOf(settings.deviceId, settings);
      const isSame = target.device(settings.deviceId) && same(watch.era.settings, settings);
      if (!isSame) watch.rowChanged(settings);
    }
    target.load({ ok: true, devices });
  };
  load(rows, () => undefined);
  return {
    target,
    life,
    // A new iterator each time: rows come and go.
    get watches() {
      return watches.values();
    },
    watchOf,
    knows: (deviceId) => target.device(deviceId) !== undefined,
    reload: load,
  };
}

function optionsOf(deps: RunningDeps, sockets: EraWatch, observer: Observer) {
  const { life, random, addresses, observers, judge, stateStore, connectFor } = deps;
  return {
    clock: life.clock,
    random,
    addresses,
    connect: connectFor({
      opened: (socket) => sockets.opened(socket),
      wrote: (socket, packet) => sockets.wrote(socket, packet),
      closedInOrder: (socket) => sockets.sessionLaws.closedInOrder(socket),
    }),
    observers: [observer, ...observers],
    onObserverError: (error: unknown) => judge.broken('error', String(error)),
    ...(stateStore && { stateStore }),
    // A store that takes too long to load is reported so.
    onStateStoreError: () => undefined,
  };
}

/** Each event to the watch of its row. */
function byDeviceId(watchOf: (deviceId: string) => EraWatch): Observer {
  const of = (deviceId: string) => watchOf(deviceId).observer;
  return {
    attemptStarted: (event) => of(event.deviceId).attemptStarted?.(event),
    attemptEnded: (event) => of(event.deviceId).attemptEnded?.(event),
    packet: (event) => of(event.deviceId).packet?.(event),
    decodeError: (event) => of(event.deviceId).decodeError?.(event),
    connectionState: (deviceId, ...rest) => of(deviceId).connectionState?.(deviceId, ...rest),
    queueDepth: (deviceId, depth) => of(deviceId).queueDepth?.(deviceId, depth),
    circuitState: (deviceId, state) => of(deviceId).circuitState?.(deviceId, state),
    verdict: (verdict) => of(verdict.deviceId).verdict?.(verdict),
  };
}

function settingsOf(deviceId: string, { host, port }: EndpointPlan, plan: Partial<DeviceSettings>): DeviceSettings {
  const parsed = parseSettings(deviceFields, { deviceId, host, port, ...plan });
  if (!parsed.ok) throw new Error(parsed.problems.join());
  return parsed.settings;
}

function same(a: DeviceSettings, b: DeviceSettings): boolean {
  return (Object.keys(a) as (keyof DeviceSettings)[]).every((name) => a[name] === b[name]);
}
