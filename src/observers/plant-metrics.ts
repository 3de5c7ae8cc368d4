/** Metrics of inventories and groups, by the id of their owner. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { DURATION_BUCKETS, toFiniteNonNegative } from './values';

/** How the reading of an inventory ended. */
const READ_OUTCOMES = ['applied', 'faulty'] as const;
const GROUP_OUTCOMES = ['all', 'some', 'none'] as const;

export type ReadOutcome = (typeof READ_OUTCOMES)[number];
export type GroupOutcome = (typeof GROUP_OUTCOMES)[number];

export class PlantMetrics {
  private readonly rows: Gauge;
  private readonly reloads: Counter;
  private readonly groups: Counter;
  private readonly groupsUndelivered: Counter;
  private readonly groupDuration: Histogram;

  constructor(registry: Registry) {
    const counter = (name: string, help: string, ...labelNames: readonly string[]) =>
      new Counter({ name: `tcp_comm_${name}`, help, labelNames, registers: [registry] });
    this.rows = new Gauge({
      name: 'tcp_comm_inventory_devices',
      help: 'Rows of the inventory that are in use',
      labelNames: ['inventory'],
      registers: [registry],
    });
    this.reloads = counter('inventory_reloads_total', 'Readings of the inventory', 'inventory', 'outcome');
    this.groups = counter('groups_total', 'Verdicts on groups', 'group', 'outcome');
    const undelivered = 'Verdicts on groups that a node could not hand on';
    this.groupsUndelivered = counter('groups_undelivered_total', undelivered, 'group');
    this.groupDuration = new Histogram({
      name: 'tcp_comm_group_duration_seconds',
      help: 'From the start of a group to its verdict',
      buckets: DURATION_BUCKETS,
      labelNames: ['group'],
      registers: [registry],
    });
  }

  inventoryRead(inventory: string, outcome: ReadOutcome, rows: number): void {
    this.rows.set({ inventory }, rows);
    for (const each of READ_OUTCOMES) this.reloads.inc({ inventory, outcome: each }, each === outcome ? 1 : 0);
  }

  /** Prometheus sees no increase in what begins at 1. */
  groupStarted(group: string): void {
    for (const outcome of GROUP_OUTCOMES) this.groups.inc({ group, outcome }, 0);
    this.groupsUndelivered.inc({ group }, 0);
    this.groupDuration.zero({ group });
  }

  groupVerdict(group: string, outcome: GroupOutcome, elapsedMs: number): void {
    this.groups.inc({ group, outcome });
    this.groupDuration.observe({ group }, toFiniteNonNegative(elapsedMs) / 1000);
  }

  groupUndelivered(group: string): void {
    this.groupsUndelivered.inc({ group });
  }

  /** Removes the series of an owner. */
  forget(owner: string): void {
    this.rows.remove({ inventory: owner });
    for (const outcome of READ_OUTCOMES) this.reloads.remove({ inventory: owner, outcome });
    for (const outcome of GROUP_OUTCOMES) this.groups.remove({ group: owner, outcome });
    this.groupsUndelivered.remove({ group: owner });
    this.groupDuration.remove({ group: owner });
  }
}
