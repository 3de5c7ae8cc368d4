/** Deadline for a reply that has begun: an incomplete one would consume all later ones, so it has that of a whole reply. */
import { deadline, type CancelTimer, type Clock } from '../../clock';

export class FrameWatch {
  private cancelDeadline: CancelTimer | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly timeoutMs: number,
    private readonly onLate: (dueAt: number) => void,
  ) {}

  /** To be called after each read. `isNew`: a reply was completed, so one that has begun is another one. */
  update(isInsideReply: boolean, isNew: boolean): void {
    if (isNew || !isInsideReply) this.stop();
    if (!isInsideReply || this.cancelDeadline) return;
    const dueAt = this.clock.now() + this.timeoutMs;
    this.cancelDeadline = deadline(this.clock, this.timeoutMs, () => this.onLate(dueAt));
  }

  stop(): void {
    this.cancelDeadline?.();
    this.cancelDeadline = undefined;
  }
}
