/** The devices of an inventory that the options of phase0-toggle name, and how they are switched. */
import type { Observer } from '../observer';
import { inventoryFields, type InventoryDefaults } from '../inventory/columns';
import { faultLines, type InventoryReading } from '../inventory/faults';
import { GroupRun } from '../inventory/group';
import { Inventory } from '../inventory/inventory';
import { readInventoryFile } from '../inventory/inventory-file';
import { membersOf } from '../inventory/members';
import { parseSettings } from '../settings/field';
import { describeVerdict, englishWords, type Verdict } from '../verdict';
import { UsageError } from './cli-context';
import type { Plan, PlanDeps, Values } from './plan';
import { tlsFilesOf } from './tls-files';

/** Reads the file. Rejects with UsageError, which has a line for each fault. */
export async function inventoryDevices(values: Values, { context, metrics, observers }: PlanDeps): Promise<Plan> {
  checkOptions(values);
  const reading = await readDevices(values.inventory, values);
  const inventory = inventoryFrom(values, [metrics.inventoryObserver(context.name, []), ...observers]);
  inventory.load(reading);
  metrics.inventoryObserver(context.name, inventory.deviceIds);
  const state = values.state === 'flip' ? values.state : values.state === 'on';
  const members = idsFrom(values, inventory).map((deviceId) => ({ deviceId, state }));
  if (members.length === 0) throw new UsageError('--device-id and --tag name no device');
  const failed: Verdict[] = [];
  let group: GroupRun | undefined;
  const stop = () => group?.stop('cancelled');
  return {
    total: members.length,
    async run(onVerdict) {
      const noted = (verdict: Verdict): void => {
        if (verdict.outcome !== 'confirmed') failed.push(verdict);
        onVerdict(verdict);
      };
      const { concurrency } = values;
      group = new GroupRun(inventory, members, { concurrency, requester: context.name, onVerdict: noted });
      // When nobody reads the output any more, nothing new is started.
      context.ending.addEventListener('abort', stop);
      await group.verdict;
    },
    stop,
    close: () => inventory.close(),
    replyOf: (deviceId) => inventory.device(deviceId)?.settings.reply ?? values.reply,
    failures: () =>
      failed.map((verdict) => {
        const address = inventory.device(verdict.deviceId)?.settings ?? { host: '', port: 0 };
        return describeVerdict(verdict, englishWords(verdict, address));
      }),
  };
}

/** The devices of an inventory file. Rejects with UsageError, which has a line for each fault. */
export async function readDevices(path: string, defaults: object): Promise<Extract<InventoryReading, { ok: true }>> {
  const reading = await readInventoryFile(path, defaultsFrom(defaults));
  if (!reading.ok) throw new UsageError(inventoryFaults(reading).join('\n'));
  return reading;
}

/** What is wrong with an inventory, a line for each fault. */
export function inventoryFaults(reading: Extract<InventoryReading, { ok: false }>): readonly string[] {
  return faultLines(reading).map((line) => `--inventory: ${line}`);
}

/** The settings of rows that do not say otherwise. Throws UsageError. */
export function defaultsFrom(values: object): InventoryDefaults {
  const parsed = parseSettings(inventoryFields, values as Readonly<Record<string, unknown>>);
  if (!parsed.ok) throw new UsageError(parsed.problems.join('; '));
  return parsed.settings;
}

function checkOptions({ deviceId, tag, all, host, repeat, ids }: Values): void {
  if ([deviceId !== '', tag !== '', all].filter(Boolean).length !== 1) {
    throw new UsageError('--inventory needs one of --device-id, --tag and --all');
  }
  if (host !== '') throw new UsageError('--device-host does not go with --inventory, which has the addresses');
  if (repeat > 1 || ids > 0) throw new UsageError('--repeat and --ids do not go with --inventory');
}

/** Throws UsageError. */
export function inventoryFrom(values: Parameters<typeof tlsFilesOf>[0], observers: readonly Observer[]): Inventory {
  try {
    return new Inventory({ observers, tls: tlsFilesOf(values) });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function idsFrom({ deviceId, tag, all }: Values, inventory: Inventory): readonly string[] {
  const split = (list: string) =>
    list
      .split(',')
      .map((word) => word.trim())
      .filter(Boolean);
  if (all) return inventory.deviceIds;
  const members = membersOf([...split(deviceId), ...split(tag).map((word) => `#${word}`)], inventory);
  return members.ok ? members.deviceIds : [];
}
