/** Observer of one owner's devices: turns their events into what the trace shows of them. */
import type { AskedEvent, AttemptReport, AttemptStart, ConnectionState, Observer, PacketEvent } from '../observer';
import type { CircuitState } from '../outcomes';
import { confirmedState, type Verdict } from '../verdict';
import type { DeviceTrace } from './device-trace';
import type { Owned } from './device-traces';
import type { TraceClock } from './trace-clock';
import type { TraceMemory } from './trace-memory';

/** Longest id of a requester that is kept. */
const MAX_ID = 128;

/** Without closures and with few objects: this runs a dozen times for each toggle. */
export class TraceObserver implements Observer {
  /** The device that the last event was about, because the next one often is as well. */
  private lastTrace: DeviceTrace | undefined;

  constructor(
    private readonly owned: Owned,
    private readonly memory: TraceMemory,
    private readonly clock: TraceClock,
  ) {}

  asked({ deviceId, msgId, requester, requestId }: AskedEvent): void {
    // The only event that can bring a new device: what comes late of one that is gone must not bring it back.
    const trace = this.memory.devices.of(this.owned, deviceId);
    if (!trace) return;
    this.memory.open(trace, msgId, idText(requester), idText(requestId), this.clock.now(), this.isTest);
  }

  bytesReceived(deviceId: string, msgId: string, _attempt: number, bytes: Uint8Array): void {
    this.traceOf(deviceId)?.find(msgId)?.bytesReceived(bytes, this.clock.now());
  }

  packet(event: PacketEvent): void {
    const toggle = this.traceOf(event.deviceId)?.find(event.msgId);
    if (event.direction === 'send') toggle?.sent(event, this.clock.now());
    else toggle?.replied(event, this.clock);
  }

  attemptStarted({ deviceId, msgId, attempt }: AttemptStart): void {
    const trace = this.traceOf(deviceId);
    if (!trace) return;
    trace.find(msgId)?.attemptStarted(attempt, this.clock.now(), this.connectionOf(trace));
    this.memory.devices.changed(trace);
  }

  attemptEnded(report: AttemptReport): void {
    this.traceOf(report.deviceId)?.find(report.msgId)?.attemptEnded(report);
  }

  verdict(verdict: Verdict): void {
    const trace = this.traceOf(verdict.deviceId);
    if (!trace) return;
    const toggle = trace.take(verdict.msgId, verdict.attempts > 0);
    const endedAtMs = this.clock.unixTimeMs(toggle ? toggle.askedAt + verdict.elapsedMs : this.clock.now());
    const seq = this.memory.record(trace, toggle, verdict, endedAtMs);
    if (!trace.isStranger) this.summarize(trace, verdict, seq, endedAtMs);
  }

  queueDepth(deviceId: string, depth: number): void {
    const trace = this.traceOf(deviceId);
    if (!trace) return;
    trace.queue = depth;
    // As long as any waits, the newest one does.
    const { newest } = trace;
    if (depth > 0 && newest) newest.wasQueued = true;
    this.memory.devices.changed(trace);
  }

  connectionState(deviceId: string, state: ConnectionState, isLost = false): void {
    const trace = this.traceOf(deviceId);
    if (!trace) return;
    this.connectionStep(trace, state);
    trace.connection = state;
    trace.isLost = isLost;
    this.memory.devices.changed(trace);
  }

  circuitState(deviceId: string, state: CircuitState): void {
    const trace = this.traceOf(deviceId);
    if (!trace) return;
    trace.circuit = state;
    this.memory.devices.changed(trace);
  }

  confirmedState(deviceId: string, state: boolean, isRestored: boolean): void {
    const trace = this.traceOf(deviceId);
    if (!trace) return;
    trace.confirmed(state, isRestored ? undefined : this.clock.unixTimeMs(this.clock.now()));
    this.memory.devices.changed(trace);
  }

  private summarize(trace: DeviceTrace, verdict: Verdict, seq: number, endedAtMs: number): void {
    this.memory.summarize(trace, verdict, seq, endedAtMs);
    const state = confirmedState(verdict);
    if (state !== undefined) trace.confirmed(state, endedAtMs);
    this.memory.devices.changed(trace);
  }

  /** Toggles over another connection than that of the device. */
  protected readonly isTest: boolean = false;

  /** The one that an attempt finds when it begins. */
  protected connectionOf({ connection }: DeviceTrace): ConnectionState | undefined {
    return connection;
  }

  protected connectionStep(trace: DeviceTrace, state: ConnectionState): void {
    const running = trace.running(this.isTest);
    if (state === 'connected') running?.connected(this.clock.now());
    else if (state !== 'disconnected') running?.connecting(this.clock.now());
  }

  protected traceOf(deviceId: string): DeviceTrace | undefined {
    const { lastTrace, owned } = this;
    if (lastTrace?.deviceId === deviceId && !lastTrace.isGone) return lastTrace;
    const trace = owned.traces.get(deviceId) ?? owned.stranger;
    if (trace && !trace.isStranger) this.lastTrace = trace;
    return trace;
  }
}

/** For toggles over another connection than that of the device: its own connection, queue and circuit stay as they are. */
export class TestObserver extends TraceObserver {
  protected override readonly isTest = true;

  override connectionState(deviceId: string, state: ConnectionState): void {
    const trace = this.traceOf(deviceId);
    if (trace) this.connectionStep(trace, state);
  }

  override queueDepth(): void {}

  protected override connectionOf(): undefined {
    return undefined;
  }

  override circuitState(): void {}
}

/** Ids come from flows, and may be of any type and length. */
function idText(id: unknown): string {
  return typeof id === 'string' ? id.slice(0, MAX_ID) : '';
}
