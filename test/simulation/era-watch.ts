/** Watches one `Device` of the core: hands what it reports to the laws. */
import type { Observer } from '../../src/observer';
import { confirmedState } from '../../src/verdict';
import { AttemptLaws } from './attempt-laws';
import { name, type AttemptFact, type Era, type ToggleFact } from './facts';
import type { Judge } from './judge';
import { LaneLaws } from './lane-laws';
import { SessionLaws } from './session-laws';
import type { SimSocket } from './sim-socket';

/** One for the load of the stored states, and one for their next save. */
const TIMERS_OF_STORE = 2;

export class EraWatch {
  private readonly lanes = new Map<string, LaneLaws>();
  /** Lanes in which something has happened since they were judged. */
  private readonly touched = new Set<LaneLaws>();
  private readonly attemptLaws: AttemptLaws;

  constructor(
    public era: Era,
    private readonly judge: Judge,
    /** Rows of an inventory may share connections. */
    readonly sessionLaws: SessionLaws = new SessionLaws(judge.broken),
  ) {
    this.attemptLaws = new AttemptLaws(judge.broken, (toggle) => judge.isShared(toggle));
  }

  opened(socket: SimSocket): void {
    if (!socket.staysOpen) this.era.life.lastOpened = socket;
    this.sessionLaws.opened(socket);
  }

  wrote(socket: SimSocket, packet: Uint8Array): void {
    const toggle = this.judge.wrote(socket, packet);
    if (toggle) this.sessionLaws.wrote(socket, toggle);
  }

  /** Its row has other settings from now on; without any, the row is gone. */
  rowChanged(settings = this.era.settings): void {
    this.era = { ...this.era, settings };
    for (const [deviceId, lane] of this.lanes) {
      lane.changed(this.era);
      this.lane(deviceId);
    }
  }

  lane(deviceId: string): LaneLaws {
    let lane = this.lanes.get(deviceId);
    if (!lane) {
      lane = new LaneLaws(this.era, this.judge.now, this.judge.broken);
      this.lanes.set(deviceId, lane);
    }
    this.touched.add(lane);
    return lane;
  }

  /** When nothing in the process is under way. */
  settled(): void {
    if (this.touched.size > 0) {
      for (const lane of this.touched) lane.settled();
      this.touched.clear();
    }
    if (this.era.life.hasRows || this.era.settings.connection === 'persistent') this.sessionLaws.settled();
    const { life, settings } = this.era;
    const { isClosed, unresolved, clock, hasRows } = life;
    const pending = clock.pendingTimers();
    if (isClosed && pending > 0) this.judge.broken('leak', `${pending} timers are left of a device that was closed`);
    if (!hasRows && settings.connection === 'per-toggle' && unresolved === 0 && pending > TIMERS_OF_STORE) {
      this.judge.broken('leak', `${pending} timers are left, and nothing is under way`);
    }
  }

  readonly observer: Observer = {
    attemptStarted: (start) => {
      this.judge.note(start.deviceId, 'attempt', start.attempt, start.msgId, start.state);
      const toggle = this.judge.find(start.deviceId, start.msgId);
      if (!toggle) return;
      if (start.attempt === 1) {
        this.lane(start.deviceId).started(toggle);
        this.judgeState(toggle, start.state);
      }
      const attempt: AttemptFact = {
        start,
        started: this.judge.now(),
        socket: undefined,
        expected: undefined,
        end: undefined,
        ended: undefined,
        packets: [],
        decodeErrors: [],
      };
      toggle.attempts.push(attempt);
      this.attemptLaws.started(toggle, attempt);
    },
    attemptEnded: (end) => {
      this.judge.note(end.deviceId, 'attempt ended', end.attempt, end.msgId, end.outcome, end.cause);
      const toggle = this.judge.find(end.deviceId, end.msgId);
      const attempt = toggle?.attempts.at(-1);
      if (!toggle || !attempt) return;
      attempt.end = end;
      attempt.ended = this.judge.now();
      this.attemptLaws.ended(toggle, attempt);
      if (end.outcome === 'bad_reply' && this.era.life.badReplyAtMs !== this.judge.now().atMs) {
        this.judge.broken('events', `${name(toggle)} has a bad reply, and no decode error is reported`);
      }
      const isPersistent = toggle.era.settings.connection === 'persistent';
      if (isPersistent && end.outcome === 'bad_reply' && end.cause === 'reply_incomplete') {
        this.sessionLaws.wasIncomplete(toggle, this.judge.now().atMs);
      }
      if (end.cause === 'connection_busy') this.sessionLaws.wasBusy(toggle, attempt, this.judge.now());
      if (end.outcome === 'connection_failed' && attempt.socket) {
        this.judge.turnLaws.refused(toggle, attempt, this.judge.now().atMs);
      }
    },
    packet: (event) => {
      this.judge.note(event.deviceId, event.direction, event.outcome, event.msgId);
      this.attemptOf(event.deviceId, event.msgId)?.packets.push(event);
      const isReply = event.direction === 'recv' && (event.outcome === 'success' || event.outcome === 'error');
      if (isReply) this.era.life.answeredAtMs = this.judge.now().atMs;
    },
    decodeError: (event) => {
      this.judge.decodeError(event);
      if (event.reason !== 'msg_id_mismatch' && event.reason !== 'unsolicited')
        this.era.life.badReplyAtMs = this.judge.now().atMs;
      if (event.msgId !== undefined) this.attemptOf(event.deviceId, event.msgId)?.decodeErrors.push(event);
    },
    connectionState: (deviceId, state) => {
      this.judge.note(deviceId, 'connection is', state);
      const { life } = this.era;
      if (state !== 'connecting' || !life.lastOpened) return;
      const toggle = this.lane(deviceId).current;
      const attempt = toggle?.attempts.at(-1);
      if (!attempt || toggle?.era.settings.connection !== 'per-toggle') return;
      attempt.socket = life.lastOpened;
      life.lastOpened = undefined;
      this.judge.turnLaws.opened(toggle, attempt, this.judge.now().atMs);
    },
    queueDepth: (deviceId, depth) => this.lane(deviceId).depthReported(depth),
    circuitState: (deviceId, state) => {
      this.judge.note(deviceId, 'circuit is', state);
      this.lane(deviceId).circuitReported(state);
    },
    verdict: (verdict) => {
      this.judge.note(verdict.deviceId, 'verdict', verdict.outcome, verdict.reason, verdict.msgId, verdict.attempts);
      const toggle = this.judge.find(verdict.deviceId, verdict.msgId);
      if (!toggle) return this.judge.broken('verdict', `there is one for ${verdict.deviceId} ${verdict.msgId}`);
      if (toggle.refused) {
        if (verdict.reason !== toggle.refused) this.judge.broken('verdict', `${verdict.reason}, not ${toggle.refused}`);
      } else {
        this.attemptLaws.verdict(toggle, verdict, this.judge.now());
        this.lane(verdict.deviceId).verdict(toggle, verdict);
      }
      const state = confirmedState(verdict);
      const { life } = this.era;
      if (state !== undefined) life.known.set(verdict.deviceId, verdict.reportedState ?? state);
      if (state !== undefined && life.isClosed) life.tooLate.add(verdict.deviceId);
      this.judge.verdict(toggle, verdict);
    },
  };

  private attemptOf(deviceId: string, msgId: string): AttemptFact | undefined {
    return this.judge.find(deviceId, msgId)?.attempts.at(-1);
  }

  /** A flip asks for the opposite of what was confirmed last; a store may know more than this era. */
  private judgeState(toggle: ToggleFact, state: boolean): void {
    const { known, hasStore } = this.era.life;
    const last = known.get(toggle.deviceId);
    if (toggle.requested === 'flip') {
      if ((last !== undefined || !hasStore) && state !== !last) {
        this.judge.broken('state', `${name(toggle)} flips to ${state}, and ${last} was confirmed last`);
      }
    } else if (state !== toggle.requested) {
      this.judge.broken('state', `${name(toggle)} asks for ${state}, not ${toggle.requested}`);
    }
  }
}
