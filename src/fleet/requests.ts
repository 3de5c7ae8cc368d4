/** Toggles of a requester that have no verdict yet: those that wait for the broker, and those that wait for a worker. */
import type { CancelTimer, Clock } from '../clock';
import type { StopReason } from '../outcomes';
import type { FleetSettings } from '../settings/fleet';
import { droppedVerdict, type Verdict } from '../verdict';
import type { PublishResult } from './amqp/broker';
import { otherState, type FleetCommand } from './command-message';
import { keyOf } from './remembered-verdicts';

/** What a requester is asked for. */
export interface FleetRequest {
  readonly command: FleetCommand;
  readonly requester: string | undefined;
  /** Receives the verdict, once. */
  readonly resolve: (verdict: Verdict) => void;
}

export interface RequestsDeps {
  readonly clock: Clock;
  readonly settings: FleetSettings;
  /** Publishes in the order of the calls; rejects if nobody knows whether the broker has it. Undefined if it cannot be sent. */
  send(command: FleetCommand): Promise<PublishResult> | undefined;
}

interface Request extends FleetRequest {
  readonly key: string;
  readonly requestedAt: number;
  isSent: boolean;
  cancelTimer: CancelTimer | undefined;
}

/** What is known of a toggle that ends without the verdict of a worker. */
type Ending = Pick<Verdict, 'outcome' | 'reason' | 'cause' | 'error'>;

const REFUSALS: Readonly<Record<Exclude<PublishResult, 'confirmed'>, string>> = {
  returned: 'no queue of the broker takes commands (phase0-worker --setup creates them)',
  refused: 'the queue of the broker is full',
};

export class Requests {
  private readonly open = new Set<Request>();
  /** Those of `open` by device id and message id; a caller may have sent one id twice. */
  private readonly byKey = new Map<string, Request[]>();
  private isReady = false;

  constructor(private readonly deps: RequestsDeps) {}

  get count(): number {
    return this.open.size;
  }

  add(given: FleetRequest): void {
    const { deviceId, msgId, state } = given.command;
    const { clock, settings } = this.deps;
    if (this.open.size >= settings.maxInFlight) {
      const error = `${this.open.size} toggles are under way, and maxInFlight is ${settings.maxInFlight}`;
      const asked = typeof state === 'boolean' ? { state } : {};
      given.resolve(droppedVerdict({ reason: 'queue_full', error, deviceId, msgId, ...asked }));
      return;
    }
    const key = keyOf(deviceId, msgId);
    const twin = this.byKey.get(key)?.find(({ command }) => command.state !== state);
    if (twin) return given.resolve(otherState(given.command, twin.command.state));
    const request: Request = { ...given, key, requestedAt: clock.now(), isSent: false, cancelTimer: undefined };
    this.open.add(request);
    this.byKey.set(key, [...(this.byKey.get(key) ?? []), request]);
    this.waitForBroker(request);
    if (this.isReady) void this.send(request);
  }

  /** The broker takes commands from now on; those that wait go first, in order. */
  ready(): void {
    this.isReady = true;
    for (const request of this.open) if (!request.isSent) void this.send(request);
  }

  notReady(): void {
    this.isReady = false;
  }

  /** A verdict came; one that nobody waits for is ignored. */
  settle(verdict: Verdict): void {
    for (const request of this.byKey.get(keyOf(verdict.deviceId, verdict.msgId)) ?? []) {
      const { state } = request.command;
      // A message id that is used again: this is the verdict on the former command, which was not waited for any longer.
      if (typeof state === 'boolean' && verdict.state === !state) continue;
      this.end(request, { ...verdict, elapsedMs: this.elapsed(request) });
    }
  }

  /** Ends those of `requester`, or all: dropped as far as they were not sent. What was sent may still be switched. */
  stop(reason: StopReason, requester?: string): void {
    const stopped = [...this.open].filter((request) => requester === undefined || request.requester === requester);
    for (const request of stopped) {
      const error = request.isSent ? `${reason} while a worker had it` : `${reason} before it was sent`;
      this.endWithout(request, { outcome: request.isSent ? 'unknown' : 'dropped', reason, cause: reason, error });
    }
  }

  private waitForBroker(request: Request): void {
    const { clock, settings } = this.deps;
    const limitMs = settings.queueTtlMs || settings.connectTimeoutMs;
    request.cancelTimer = clock.after(limitMs, () => {
      const error = `no connection to the broker within ${limitMs} ms`;
      this.endWithout(request, { outcome: 'failed', reason: 'broker_unreachable', cause: 'broker_unreachable', error });
    });
  }

  private async send(request: Request): Promise<void> {
    const { clock, settings } = this.deps;
    const published = this.deps.send(request.command);
    if (!published) return;
    request.isSent = true;
    request.cancelTimer?.();
    request.cancelTimer = clock.after(settings.replyTimeoutMs, () => {
      const error = `no verdict of a worker within ${settings.replyTimeoutMs} ms`;
      this.endWithout(request, { outcome: 'unknown', reason: 'timeout', cause: 'no_verdict', error });
    });
    // A command that the broker may have is not sent again: it could follow a newer one.
    const result = await published.catch(() => 'confirmed' as const);
    if (result === 'confirmed') return;
    const error = REFUSALS[result];
    this.endWithout(request, { outcome: 'failed', reason: 'broker_refused', cause: 'broker_refused', error });
  }

  private endWithout(request: Request, ending: Ending): void {
    const { deviceId, msgId, state } = request.command;
    const elapsedMs = this.elapsed(request);
    const asked = typeof state === 'boolean' && { state };
    this.end(request, { ...ending, deviceId, msgId, ...asked, attempts: 0, elapsedMs });
  }

  private end(request: Request, verdict: Verdict): void {
    if (!this.open.delete(request)) return;
    request.cancelTimer?.();
    const rest = (this.byKey.get(request.key) ?? []).filter((each) => each !== request);
    if (rest.length > 0) this.byKey.set(request.key, rest);
    else this.byKey.delete(request.key);
    request.resolve(verdict);
  }

  private elapsed({ requestedAt }: Request): number {
    return this.deps.clock.now() - requestedAt;
  }
}
