/** The phase0-inventory config node: settings and rows → inventory → close. */
import { setImmediate } from 'node:timers/promises';
import { Device } from '../../src/device/device';
import { rowOf, type InventoryDefaults } from '../../src/inventory/columns';
import { faultLines, type InventoryReading } from '../../src/inventory/faults';
import { Inventory } from '../../src/inventory/inventory';
import { InventoryFile } from '../../src/inventory/inventory-file';
import { readInventoryRows } from '../../src/inventory/json';
import type { Observer } from '../../src/observer';
import { errorText } from '../../src/printable';
import { TransientSet } from '../../src/transient';
import type { Settings } from '../../src/settings/field';
import type { TlsOptions } from '../../src/transport/tls';
import { onPost } from '../admin';
import { GuardedNode } from '../guarded-node';
import { metrics } from '../metrics';
import { ContextStore, deployedDevice, forgetDevice } from '../phase0-device/device-node';
import { filled } from '../phrases';
import { READ_TIMEOUT_MS } from '../property';
import type { Config, Node, NodeApi } from '../red';
import { forgetRemoved } from '../removed-nodes';
import { parseSaved } from '../saved';
import { tlsOptionsOf } from '../tls';
import { traceObservers } from '../trace';
import { addTraceRoutes } from '../trace/routes';
import { textOf } from '../unsafe-values';
import { closeLeftInventories, forgetIds, leave, rememberedIds, rememberIds, takeOver } from './deployed-inventories';
import { filePath } from './file-path';
import { inventoryNodeOf, type InventoryNode } from './inventory-node';
import { readOrLate } from './reading-wait';
import { forget, isFollowed, note, reportOf } from './readings';
import { packetLogOf, traceOwnerOf } from './row-observers';
import { fields, migrations } from './settings';
import { STATUS_TEXTS } from './status-texts';

/** Those that have been deployed, and of which something is remembered. */
const deployed = new Set<string>();

export = function register(RED: NodeApi): void {
  function createInventory(this: Node, config: Config): void {
    RED.nodes.createNode(this, config);
    deployed.add(this.id);
    const node = this as { -readonly [K in keyof InventoryNode]: InventoryNode[K] };
    const guarded = new GuardedNode(this);
    node.deviceId = '';
    node.toggleNodeIds = new TransientSet();
    node.settingsOf = (deviceId) => node.device?.device(deviceId)?.settings;
    node.addressOf = node.settingsOf;
    node.isFollowed = () => isFollowed(node.id);
    node.isPersistent = (deviceId) => node.settingsOf?.(deviceId)?.connection === 'persistent';
    node.directory = () => node.device;
    let ownProblems: readonly string[] = [];
    Object.defineProperty(node, 'problems', {
      get: () => (ownProblems.length > 0 ? ownProblems : unloaded(node.device)),
    });
    node.reload = () => undefined;
    node.rows = () => [];
    const { states, connection } = deployedDevice(node.id);
    const connectionState: Observer['connectionState'] = (deviceId, _state, isLost = false) =>
      connection.rowChanged(deviceId, isLost);
    const record = (inventory: Inventory | undefined) => {
      // Before the first good table, nothing is known to be gone.
      const isLoaded = inventory !== undefined && inventory.problem === undefined;
      const deviceIds = isLoaded ? inventory.deviceIds : rememberedIds(node.id);
      if (isLoaded) rememberIds(node.id, deviceIds);
      node.trace = traceObservers(RED, traceOwnerOf(node.id, deviceIds, inventory));
      return metrics.inventoryObserver(node.id, deviceIds);
    };
    let tls: TlsOptions | undefined;
    let file: InventoryFile | undefined;
    const closing = new AbortController();

    /** A drive that does not answer must not hold up messages for ever. */
    const waitFor = (reading: Promise<void>): void => {
      const late = () => guarded.warn(`the file has not been read in ${READ_TIMEOUT_MS} ms; messages wait no longer`);
      node.ready = readOrLate(reading, closing.signal, late);
    };
    const take = (inventory: Inventory, reading: InventoryReading): void => {
      const change = inventory.load(reading);
      for (const deviceId of change?.removed ?? []) {
        states.forget(deviceId);
        connection.rowChanged(deviceId, false);
      }
      const { deviceIds } = inventory;
      record(inventory);
      note(node.id, reading, deviceIds.length);
      metrics.inventoryRead(node.id, reading.ok ? 'applied' : 'faulty', deviceIds.length);
      if (reading.ok) return guarded.status({});
      const kept =
        deviceIds.length > 0
          ? `the last good inventory stays (rows: ${deviceIds.length})`
          : 'no device can be switched';
      guarded.status({
        fill: 'yellow',
        shape: 'ring',
        text: filled(STATUS_TEXTS.faults, { count: reading.faultCount }),
      });
      guarded.warn(`the inventory is not valid; ${kept}:\n${faultLines(reading).join('\n')}`);
    };
    const open = (): Inventory => {
      const log = packetLogOf((deviceId) => inventory.device(deviceId)?.settings.packetLog === true, guarded);
      const observers = [node.recorder, ...node.trace, states, { connectionState }, log];
      const inventory = new Inventory({
        ...(tls && { tls }),
        observers,
        onObserverError: (error) => guarded.warn(`an observer failed: ${errorText(error)}`),
        stateStore: new ContextStore(states, node.context()),
        onStateStoreError: (error) => guarded.warn(`context store: ${errorText(error)}`),
      });
      return inventory;
    };
    try {
      const { settings, defaults } = settingsFrom(config);
      tls = tlsOptionsOf(RED, textOf(config.tls));
      const allDefaults = { ...defaults, tls: tls !== undefined };
      node.rows = () => Array.from(node.device?.devices() ?? [], (device) => rowOf(device, allDefaults));
      node.testDevice = (deviceId, observers) => {
        const row = node.device?.device(deviceId);
        return row && new Device(row.settings, { ...(row.tls && { tls: tls ?? {} }), observers });
      };
      const left = takeOver(node.id, tls);
      node.recorder = record(left);
      const inventory = left ?? open();
      node.device = inventory;
      if (settings.source === 'table') {
        const read = () => take(inventory, readInventoryRows(config.devices ?? [], allDefaults));
        node.reload = read;
        read();
      } else {
        const watched = new InventoryFile(filePath(RED, this, settings.file), {
          defaults: allDefaults,
          onReading: (reading) => take(inventory, reading),
        });
        file = watched;
        node.reload = () => waitFor(watched.reload());
        waitFor(watched.ready);
      }
    } catch (error) {
      node.recorder ??= record(undefined);
      ownProblems = [errorText(error)];
      guarded.error(ownProblems.join('; '));
    }
    node.on('close', (removed, done) => {
      file?.close();
      closing.abort();
      const { device } = node;
      delete node.device;
      if (removed) device?.close();
      else if (device) leave(node.id, device, tls);
      void (async () => {
        // What was confirmed within the stop is recorded by then. The inventory that is left to the next node stays open.
        await setImmediate();
        device?.storeStates();
        await states.written();
        if (removed) forgetInventory(node.id);
        done();
      })();
    });
  }
  RED.nodes.registerType('phase0-inventory', createInventory);
  addTraceRoutes(RED);
  closeLeftInventories(RED, () => {
    // Connections outlive a deploy, also one that removes the last node that uses them.
    for (const id of deployed) if (!isFollowed(id)) inventoryNodeOf(RED, id)?.device?.closeIdle();
  });
  forgetRemoved(RED, deployed, forgetInventory);

  /** For the dialog: how many rows are in use, since when, and what is wrong with what was read since. */
  onPost(RED, 'phase0-inventory', ':id/reading', ({ params }, response) => {
    response.json(reportOf(params.id ?? ''));
  });

  /** For the dialog: the rows in use. */
  onPost(RED, 'phase0-inventory', ':id/rows', ({ params }, response) => {
    response.json(inventoryNodeOf(RED, params.id ?? '')?.rows() ?? []);
  });
};

function forgetInventory(nodeId: string): void {
  deployed.delete(nodeId);
  forgetDevice(nodeId);
  forget(nodeId);
  forgetIds(nodeId);
}

/** Why none of its devices can be switched yet. */
function unloaded(inventory: Inventory | undefined): readonly string[] {
  return inventory?.problem === undefined ? [] : [inventory.problem];
}

/** Throws with what is wrong with the settings. */
function settingsFrom(config: Config): {
  settings: Settings<typeof fields>;
  defaults: Omit<InventoryDefaults, 'tls'>;
} {
  const parsed = parseSaved(fields, migrations, config);
  if (!parsed.ok) throw new Error(parsed.problems.join('; '));
  const { name: _name, source, file, ...defaults } = parsed.settings;
  if (source === 'file' && file === '') throw new Error('file is required: the path of a CSV or JSON file');
  return { settings: parsed.settings, defaults };
}
