/** Which partitions a worker consumes: those of its own, and those whose worker is away. Pure. */

/** Looks in a row that must see no consumer: one may fall between two consumers. */
const LOOKS = 2;

export class Balance {
  /** Of each foreign partition, how many looks in a row saw no consumer. */
  private readonly unconsumed = new Map<number, number>();

  constructor(
    private readonly settings: { readonly index: number; readonly workers: number; readonly partitions: number },
  ) {}

  /** The partitions that this worker consumes at once, and always. */
  get homes(): readonly number[] {
    return this.all.filter((partition) => this.isHome(partition));
  }

  get foreign(): readonly number[] {
    return this.all.filter((partition) => !this.isHome(partition));
  }

  /** The worker whose home a partition is. */
  homeOf(partition: number): number {
    return partition % this.settings.workers;
  }

  /** Takes note of a look at a foreign partition; returns whether to consume it. */
  looked(partition: number, consumers: number): boolean {
    const looks = consumers > 0 ? 0 : (this.unconsumed.get(partition) ?? 0) + 1;
    const isFree = looks >= LOOKS;
    this.unconsumed.set(partition, isFree ? 0 : looks);
    return isFree;
  }

  /** Looks before a loss of the connection say nothing of now. */
  forgetLooks(): void {
    this.unconsumed.clear();
  }

  private get all(): readonly number[] {
    return Array.from({ length: this.settings.partitions }, (_, partition) => partition);
  }

  private isHome(partition: number): boolean {
    return this.homeOf(partition) === this.settings.index;
  }
}
