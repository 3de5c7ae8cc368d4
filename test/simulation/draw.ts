/** Draws from a generator of random numbers. */
export class Draw {
  constructor(readonly random: () => number) {}

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  between(low: number, high: number): number {
    return low + this.random() * (high - low);
  }

  whole(low: number, high: number): number {
    return Math.floor(this.between(low, high + 1));
  }

  pick<T>(options: readonly [T, ...T[]]): T {
    return options[this.whole(0, options.length - 1)] ?? options[0];
  }

  /** A fault that this world has or has not: off in most, rare or frequent in others. */
  fault(probability: number, most = 0.3): number {
    const isOn = this.chance(probability);
    const share = this.random();
    return isOn ? most * share * share : 0;
  }
}
