/** Bugs that `npm run simulate:score` plants one by one: the simulation is worth what it finds of them. */

export interface PlantedBug {
  readonly file: string;
  /** Occurs once in the file. */
  readonly text: string;
  readonly replacement: string;
  /** What is wrong then. */
  readonly what: string;
}

export const PLANTED_BUGS: readonly PlantedBug[] = [
  // Codec.
  {
    file: 'src/protocol/frame.ts',
    text: 'if (length > 2 && version !== VERSION) {',
    replacement: 'if (length > 3 && version !== VERSION + 1) {',
    what: 'the decoder accepts version 2 only',
  },
  {
    file: 'src/protocol/frame.ts',
    text: 'if (length <= MAX_PAYLOAD_BYTES) return undefined;',
    replacement: 'if (length <= 0xffff_ffff) return undefined;',
    what: 'the decoder waits for payloads of any size',
  },
  {
    file: 'src/protocol/frame.ts',
    text: 'this.filled += taken;',
    replacement: 'this.filled = taken;',
    what: 'a frame that arrives in parts is lost',
  },
  {
    file: 'src/protocol/frame.ts',
    text: 'return end <= chunk.length ? end : 0;',
    replacement: 'return Math.min(end, chunk.length);',
    what: 'a part of a frame is taken for the whole',
  },
  {
    file: 'src/protocol/frame.ts',
    text: 'frame.writeUInt32BE(length, LENGTH_AT);',
    replacement: 'frame.writeUInt32LE(length, LENGTH_AT);',
    what: 'the length is written in the wrong order of bytes',
  },
  {
    file: 'src/protocol/frame.ts',
    text: '    this.frame = undefined;\n    this.filled = 0;\n    onFrame(frameOf(raw));',
    replacement: '    this.frame = undefined;\n    onFrame(frameOf(raw));',
    what: 'what follows a frame that arrived in parts is read at the wrong place',
  },
  {
    file: 'src/protocol/toggle.ts',
    text: "if (fields.opcode === 'nack') {",
    replacement: "if (fields.opcode === 'nak') {",
    what: 'a refusal is not understood',
  },
  {
    file: 'src/protocol/toggle.ts',
    text: "return { kind: 'ack', msgId, ...('state' in fields && { state: flag(fields, 'state') }) };",
    replacement: "return { kind: 'ack', msgId };",
    what: 'the reported state is lost',
  },
  {
    file: 'src/protocol/reply-stream.ts',
    text: 'bytes.subarray(ACK_BYTES.length).every((byte) => PADDING.has(byte));',
    replacement: 'bytes.length > 0;',
    what: 'anything that begins with ACK confirms',
  },
  {
    file: 'src/protocol/reply-stream.ts',
    text: 'const bytes = this.held.length > 0 ? Buffer.concat([this.held, chunk]) : chunk;',
    replacement: 'const bytes = chunk;',
    what: 'the first bytes of a split reply are lost',
  },
  {
    file: 'src/protocol/reply-stream.ts',
    text: 'if (this.held.length === 0) return this.frames.end();',
    replacement: 'return this.frames.end();',
    what: 'an ACK that was cut off counts as no reply',
  },
  {
    file: 'src/protocol/reply-reader.ts',
    text: 'answer.reply.msgId !== this.msgId',
    replacement: 'false',
    what: 'a reply to another toggle confirms',
  },
  // Connection and per-toggle transport.
  {
    file: 'src/clock.ts',
    text: 'cancel = clock.afterReading(fire);',
    replacement: 'fire();',
    what: 'a deadline gives up before it looks for what has arrived',
  },
  {
    file: 'src/stop-signal.ts',
    text: 'if (this.listener === listener) this.listener = undefined;',
    replacement: 'this.listener = undefined;',
    what: 'a step takes away the listener of the next one',
  },
  {
    file: 'src/clock.ts',
    text: '    signal.onStop(wake);',
    replacement: '',
    what: 'a stop does not end the wait between attempts',
  },
  {
    file: 'src/clock.ts',
    text: '      cancelTimer();\n      stopListening?.();',
    replacement: '      stopListening?.();',
    what: 'a sleep that is stopped leaves its timer',
  },
  {
    file: 'src/transport/connection.ts',
    text: "failed: (failure) => reader.end() ?? { failure: 'connection_closed', ...failure },",
    replacement: "failed: (failure) => ({ failure: 'connection_closed', ...failure }),",
    what: 'a reply that was cut off counts as no reply',
  },
  {
    file: 'src/transport/connection.ts',
    text: 'const cancelDeadline = deadline(this.clock, options.timeoutMs, () => settle(options.late()));',
    replacement: 'const cancelDeadline = deadline(this.clock, options.timeoutMs * 2, () => settle(options.late()));',
    what: 'deadlines are twice as long',
  },
  {
    file: 'src/transport/connection.ts',
    text: '        cancelDeadline();\n        resolve(end);',
    replacement: '        resolve(end);',
    what: 'a step leaves its deadline behind',
  },
  {
    file: 'src/transport/connection.ts',
    text: 'cancelled: () => settle(CANCELLED),',
    replacement: 'cancelled: () => undefined,',
    what: 'a stop does not end a step',
  },
  {
    file: 'src/transport/connection.ts',
    text: 'if (this.step?.data) this.step.data(chunk);\n        else this.greeted(chunk, events);',
    replacement: 'this.step?.data?.(chunk);',
    what: 'a greeting is not counted as unsolicited',
  },
  {
    file: 'src/transport/per-toggle.ts',
    text: '      connection.reset();\n      // It is not known',
    replacement: '      // It is not known',
    what: 'a packet that is stuck stays on its way after its attempt',
  },
  {
    file: 'src/transport/per-toggle.ts',
    text: 'return this.reporter.notSent(attempt, notSent, sentAt - startedAt, true);',
    replacement: 'return this.reporter.notSent(attempt, notSent, sentAt - startedAt, false);',
    what: 'a packet that was sent in part counts as never sent',
  },
  {
    file: 'src/transport/per-toggle.ts',
    text: "    if ('failure' in answer) {\n      connection.reset();",
    replacement: "    if ('failure' in answer) {\n      connection.close();",
    what: 'a command without an answer is closed in order, not reset',
  },
  {
    file: 'src/transport/per-toggle.ts',
    text: "if (notConnected.failure !== 'cancelled') turn.refused();",
    replacement: '',
    what: 'nobody learns that a device takes one connection at a time',
  },
  {
    file: 'src/transport/per-toggle.ts',
    text: '        this.connections.delete(connection);\n        turn.end();',
    replacement: '        this.connections.delete(connection);',
    what: 'a turn never ends',
  },
  {
    file: 'src/transport/attempt-reporter.ts',
    text: 'const result = Object.assign({ outcome, error, maybeDelivered: true }, nonRetryable',
    replacement:
      "const result = Object.assign({ outcome, error, maybeDelivered: outcome !== 'connection_closed' }, nonRetryable",
    what: 'a connection that was closed without a reply counts as never sent',
  },
  {
    file: 'src/transport/connection-turns.ts',
    text: 'if (before) await this.endOf(before, signal);',
    replacement: '',
    what: 'a lane does not wait for the end of its last connection',
  },
  // Attempts and retries.
  {
    file: 'src/device/attempts.ts',
    text: 'maybeDelivered ||= result.maybeDelivered;',
    replacement: 'maybeDelivered = result.maybeDelivered;',
    what: 'only the last attempt counts as sent',
  },
  {
    file: 'src/device/attempts.ts',
    text: 'attempt < maxAttempts && isRetried',
    replacement: 'attempt <= maxAttempts && isRetried',
    what: 'one attempt too many',
  },
  {
    file: 'src/device/attempts.ts',
    text: 'isRetried(result.outcome) && !result.nonRetryable',
    replacement: 'isRetried(result.outcome)',
    what: 'a certificate that is not trusted is tried again',
  },
  {
    file: 'src/device/attempts.ts',
    text: 'attempts: attempt, elapsedMs, stopReason })',
    replacement: 'attempts: attempt, elapsedMs, stopReason: signal.reason })',
    what: 'a stop after the last attempt changes the reason of its verdict',
  },
  {
    file: 'src/device/attempts.ts',
    text: '} while (willRetry && stopReason === undefined);',
    replacement: '} while (willRetry);',
    what: 'a toggle that is stopped between two attempts goes on',
  },
  {
    file: 'src/retry.ts',
    text: '* 2 ** (failedAttempt - 1)',
    replacement: '* 2 ** failedAttempt',
    what: 'waits are twice as long',
  },
  {
    file: 'src/retry.ts',
    text: 'random() * policy.jitterMs',
    replacement: 'policy.jitterMs * 1.5',
    what: 'the jitter is more than allowed',
  },
  {
    file: 'src/retry.ts',
    text: "  'bad_reply',\n]",
    replacement: "  'bad_reply',\n  'rejected',\n]",
    what: 'a refusal is tried again',
  },
  {
    file: 'src/device/attempt-verdict.ts',
    text: "if (stopReason !== undefined && result.outcome !== 'rejected') {",
    replacement: "if (stopReason !== undefined && result.outcome === 'cancelled') {",
    what: 'a toggle that is stopped between two attempts does not say so',
  },
  // Lane, queue, breaker, states.
  {
    file: 'src/device/lane.ts',
    text: 'if ((replaces ? 0 : this.waiting.length) >= queueLimit) {',
    replacement: 'if ((replaces ? 0 : this.waiting.length) > queueLimit) {',
    what: 'one more than the limit may wait',
  },
  {
    file: 'src/device/lane.ts',
    text: '    this.waiting.expire();\n',
    replacement: '',
    what: 'what has waited too long may still start',
  },
  {
    file: 'src/device/lane.ts',
    text: "if (this.breaker.state === 'open') this.dropWaiting(",
    replacement: "if (this.breaker.state === 'half_open') this.dropWaiting(",
    what: 'toggles wait behind an open circuit',
  },
  {
    file: 'src/device/lane.ts',
    text: 'if (!this.running) this.waiting.startFirst(',
    replacement: 'this.waiting.startFirst(',
    what: 'two toggles of one lane run at once',
  },
  {
    file: 'src/device/lane.ts',
    text: 'for (const each of this.waiting.replaceAll(toggle))',
    replacement: 'for (const each of this.waiting.remove(() => true))',
    what: 'the newest of `latest` is lost',
  },
  {
    file: 'src/transport/persistent/pending-request.ts',
    text: `    this.deadline.set(timeoutMs, onLate);
    this.reporter.sent(this.attempt, sentAt - this.startedAt);
`,
    replacement: `    this.reporter.sent(this.attempt, sentAt - this.startedAt);
    this.deadline.set(timeoutMs, onLate);
`,
    what: 'a timer is left of a request that ended when observers heard that it was sent',
  },
  {
    file: 'src/device/lanes.ts',
    text: 'if (this.lanes.get(deviceId) !== lane) return;',
    replacement: '',
    what: 'a lane that was forgotten within a verdict forgets its successor, so that a third one runs beside that',
  },
  {
    file: 'src/device/lanes.ts',
    text: '    for (const { lane, toggles } of stopped) lane.stop(reason, toggles);',
    replacement: '    for (const { lane } of stopped) lane.stop(reason, lane.toggles(requester));',
    what: 'a stop takes what was asked for because of it',
  },
  {
    file: 'src/device/lanes.ts',
    text: '    if (lane.disposable) {\n      this.forget(deviceId);\n      return;\n    }\n',
    replacement: '    this.forget(deviceId);\n    if (lane.idle) return;\n',
    what: 'a lane forgets its failures',
  },
  {
    file: 'src/device/waiting-queue.ts',
    text: 'now - requestedAt < ttlMs',
    replacement: 'now - requestedAt < ttlMs * 2',
    what: 'toggles expire late',
  },
  {
    file: 'src/device/waiting-queue.ts',
    text: '    const first = this.entries.shift();',
    replacement: '    const first = this.entries.pop();',
    what: 'the newest goes first',
  },
  {
    file: 'src/device/waiting-queue.ts',
    text: '      this.cancelExpiry = undefined;\n      this.expire();',
    replacement: '      this.expire();',
    what: 'the timer for expiry is set once only',
  },
  {
    file: 'src/device/circuit-breaker.ts',
    text: 'failures < breakerFailures',
    replacement: 'failures <= breakerFailures',
    what: 'the circuit opens one failure late',
  },
  {
    file: 'src/device/circuit-breaker.ts',
    text: "if (reason === 'cancelled' || reason === 'closed' || reason === 'device_removed') return this.releaseProbe();",
    replacement: '',
    what: 'what is cancelled counts as a failure',
  },
  {
    file: 'src/device/circuit-breaker.ts',
    text: 'this.clock.now() < circuit.probeAt',
    replacement: 'this.clock.now() < circuit.probeAt - 5',
    what: 'the probe comes early',
  },
  {
    file: 'src/device/circuit-breaker.ts',
    text: "if (state === 'half_open') this.change(",
    replacement: "if (state === 'closed') this.change(",
    what: 'a probe that is stopped leaves the circuit half open for ever',
  },
  {
    file: 'src/device/known-states.ts',
    text: 'return this.states.get(deviceId) !== true;',
    replacement: 'return this.states.get(deviceId) === false;',
    what: 'the first flip asks for off',
  },
  {
    file: 'src/verdict.ts',
    text: '(reportedState ?? state)',
    replacement: 'state',
    what: 'what the device reports is not remembered',
  },
  // Persistent transport.
  {
    file: 'src/transport/persistent/outstanding-requests.ts',
    text: 'return (inFlight !== undefined && inFlight !== msgId) || hasOther(this.givenUp.get(deviceId), msgId);',
    replacement: 'return false;',
    what: 'an older command may still be on its way on another connection',
  },
  {
    file: 'src/transport/persistent/transport.ts',
    text: "if (answer.kind === 'raw' && session.isOpen) this.connector.closeServed(session);",
    replacement: '',
    what: 'a connection goes on after a raw reply',
  },
  {
    file: 'src/transport/persistent/transport.ts',
    text: '        this.sender.cancel(request),\n',
    replacement: '        undefined,\n',
    what: 'a stop does not end an attempt over a persistent connection',
  },
  {
    file: 'src/transport/persistent/transport.ts',
    text: 'if (wasClosedWhileIdle && !request.wasResent) {',
    replacement: 'if (!request.wasResent) {',
    what: 'each packet is sent again after a loss within the same attempt',
  },
  {
    file: 'src/transport/persistent/sender.ts',
    text: '    if (!this.connector.session && this.isAnySendable()) this.connector.ensureConnected();\n',
    replacement: '',
    what: 'nobody connects again for what waits',
  },
  {
    file: 'src/transport/persistent/pending-request.ts',
    text: 'const maybeDelivered = this.wasResent || session !== undefined;',
    replacement: 'const maybeDelivered = false;',
    what: 'a packet that was sent in part counts as never sent, over a persistent connection',
  },
  {
    file: 'src/transport/persistent/session.ts',
    text: '    this.frameWatch.stop();\n    this.state',
    replacement: '    this.state',
    what: 'a connection leaves the deadline of a reply behind',
  },
  {
    file: 'src/transport/persistent/session.ts',
    text: 'if (!this.outstanding.areAllAnswered) return this.fail(GIVEN_UP);',
    replacement: '',
    what: 'a connection with commands on their way is closed in order',
  },
  {
    file: 'src/transport/persistent/connector.ts',
    text: "    for (const session of this.sessions) session.fail({ error: 'the device was closed', cause: 'closed' });",
    replacement: '',
    what: 'a device that is closed leaves its connections open',
  },
  // Metrics.
  {
    file: 'src/observers/device-observer.ts',
    text: 'if (willRetry) this.failed.set(keyOf(deviceId, msgId), outcome);',
    replacement:
      'const record = willRetry ? this.recordOf(deviceId) : undefined;\n' +
      '    if (record) count((record.retransmitted ??= {}), outcome);',
    what: 'an attempt that is stopped before it begins counts',
  },
  {
    file: 'src/observers/device-observer.ts',
    text: "direction === 'send' ?",
    replacement: "direction === 'recv' ?",
    what: 'sent and received are mixed up',
  },
  {
    file: 'src/observers/device-observer.ts',
    text: 'toFiniteNonNegative(latencyMs) / 1000',
    replacement: 'toFiniteNonNegative(latencyMs)',
    what: 'latencies are counted in milliseconds',
  },
  {
    file: 'src/observers/device-observer.ts',
    text: 'if (reason !== undefined) count(',
    replacement: "if (outcome === 'dropped') count(",
    what: 'only dropped toggles count as abandoned',
  },
  // Further ones, chosen when all those above were found.
  {
    file: 'src/transport/persistent/session.ts',
    text: 'return this.hasServed && !this.receivedSinceIdle;',
    replacement: 'return this.hasServed;',
    what: 'a packet is sent again although the connection was not idle',
  },
  {
    file: 'src/transport/persistent/sender.ts',
    text: 'if (!session.isShared || session.lastReceivedAt < sentAt || session.outstanding.areTooMany) this.drain(session);',
    replacement: '',
    what: 'a connection that may be dead is used on',
  },
  {
    file: 'src/transport/persistent/transport.ts',
    text: "if (error.reason === 'truncated' && affected.length > 1) return;",
    replacement: '',
    what: 'a reply that was cut off counts for every toggle in flight',
  },
  {
    file: 'src/transport/persistent/transport.ts',
    text: 'if (request.session !== session) request.session?.outstanding.giveUp(request);',
    replacement: '',
    what: 'a packet on another connection is forgotten when the reply to an earlier one comes',
  },
  {
    file: 'src/transport/persistent/transport.ts',
    text: "    if (answer.kind === 'bad') this.decodeError(request, answer.error);\n    else if",
    replacement: '    if',
    what: 'a frame that is not a reply is not counted',
  },
  {
    file: 'src/transport/persistent/open-requests.ts',
    text: 'if (elsewhere && wasGivenUp(elsewhere)) return elsewhere;',
    replacement: '',
    what: 'a late reply to an attempt does not settle the next one',
  },
  {
    file: 'src/transport/persistent/movable-deadline.ts',
    text: 'if (this.timerAt < this.dueAt) return this.wait(Math.max(0, this.dueAt - this.clock.now()));',
    replacement: '',
    what: 'the deadline of one step goes on in the next',
  },
  {
    file: 'src/transport/persistent/pending-request.ts',
    text: 'this.wasResent = true;',
    replacement: '',
    what: 'a packet is sent again and again within one attempt',
  },
  {
    file: 'src/transport/persistent/outstanding-requests.ts',
    text: 'if (packets > 1) this.remember(deviceId, msgId, packets);',
    replacement: '',
    what: 'a packet that was sent twice and answered once counts as arrived',
  },
  {
    file: 'src/transport/persistent/connector.ts',
    text: '    if (this.closing.size > 0) this.isWaitingForFree = true;\n    else this.open();',
    replacement: '    this.open();',
    what: 'the next connection does not wait for the end of the last one',
  },
  {
    file: 'src/transport/connection-turns.ts',
    text: 'const last = ofLane ? ofLane.then(() => ended) : ended;',
    replacement: 'const last = ended;',
    what: 'a turn that is given up ends those before it',
  },
  {
    file: 'src/transport/connection-turns.ts',
    text: 'const MAX_WAIT_MS = 500;',
    replacement: 'const MAX_WAIT_MS = 5000;',
    what: 'a lane waits for its last connection for 5 s',
  },
  {
    file: 'src/device/circuit-breaker.ts',
    text: "return this.change({ state: 'closed', failures: 0 });",
    replacement: "return this.change({ state: 'closed', failures: this.circuit.failures });",
    what: 'failures that are not in a row open the circuit',
  },
  {
    file: 'src/device/lane.ts',
    text: 'const elapsedMs = this.clock.now() - requestedAt;',
    replacement: 'const elapsedMs = this.clock.now() - this.clock.now();',
    what: 'a dropped toggle does not say how long it has waited',
  },
  {
    file: 'src/device/state-saver.ts',
    text: 'if (!this.cancelTimer && !this.changedDuringWrite && !this.hasFailed) return;',
    replacement: 'return;',
    what: 'what was confirmed last is not saved',
  },
  {
    file: 'src/device/state-saver.ts',
    text: 'if (this.isReady) this.begin();',
    replacement: 'if (false) this.begin();',
    what: 'what was confirmed last is saved only after the write before it has ended',
  },
  {
    file: 'src/device/known-states.ts',
    text: '!this.states.has(entry[0])',
    replacement: 'true',
    what: 'a stored state replaces one that was confirmed since',
  },
  {
    file: 'src/protocol/reply-stream.ts',
    text: "      this.kind = 'framed';\n",
    replacement: '',
    what: 'the second reply under auto is not read as a frame',
  },
  {
    file: 'src/protocol/frame.ts',
    text: 'if (this.failure || this.filled === 0) return this.failure;',
    replacement: 'if (this.failure || this.filled < HEADER_BYTES) return this.failure;',
    what: 'a frame whose header was cut off counts as no reply',
  },
  {
    file: 'src/observers/device-observer.ts',
    text: 'if (record) count((record.decodeErrors ??= {}), reason);',
    replacement: '',
    what: 'decode errors are not counted',
  },
  {
    file: 'src/device/lane.ts',
    text: '      running.breaker.record(verdict);\n      this.running = undefined;\n      this.resolve(toggle, verdict);',
    replacement:
      '      this.running = undefined;\n      this.resolve(toggle, verdict);\n      running.breaker.record(verdict);',
    what: 'a verdict comes before the circuit knows of it',
  },
  // Groups.
  {
    file: 'src/inventory/pace.ts',
    text: 'return concurrency === 0 || this.running < concurrency;',
    replacement: 'return concurrency === 0 || this.running <= concurrency;',
    what: 'one member more than allowed runs at a time',
  },
  {
    file: 'src/inventory/pace.ts',
    text: '    this.running -= 1;\n',
    replacement: '',
    what: 'a member that has ended still counts as running',
  },
  {
    file: 'src/inventory/pace.ts',
    text: 'this.nextStartAt = this.clock.now() + staggerMs;',
    replacement: 'this.nextStartAt = this.clock.now() + staggerMs / 2;',
    what: 'members start in half the time',
  },
  {
    file: 'src/inventory/pace.ts',
    text: '          this.cancelTimer = undefined;\n          this.startNext();',
    replacement: '          this.cancelTimer = undefined;',
    what: 'nobody starts the next member when its time has come',
  },
  {
    file: 'src/inventory/pace.ts',
    text: '    this.cancelTimer?.();\n    this.cancelTimer = undefined;\n',
    replacement: '',
    what: 'a group that is stopped leaves the timer of its next start behind',
  },
  {
    file: 'src/inventory/group.ts',
    text: 'if (!unique.has(member.deviceId)) unique.set(member.deviceId, member);',
    replacement: 'unique.set(member.deviceId, member);',
    what: 'the last of several members with one id counts',
  },
  {
    file: 'src/inventory/group.ts',
    text: '[...unique.values()].toReversed()',
    replacement: '[...unique.values()]',
    what: 'the last member starts first',
  },
  {
    file: 'src/inventory/group.ts',
    text: "verdict.outcome !== 'confirmed' && this.options",
    replacement: "verdict.outcome === 'failed' && this.options",
    what: 'a member that is refused or dropped does not stop the group',
  },
  {
    file: 'src/inventory/group.ts',
    text: 'if (this.options.requester !== undefined) this.target.stop(reason, this.options.requester);',
    replacement: '',
    what: 'members that run go on after a stop',
  },
  {
    file: 'src/inventory/group.ts',
    text: 'this.target.stop(reason, this.options.requester);',
    replacement: 'this.target.stop(reason);',
    what: 'a stop of a group stops what others asked for',
  },
  {
    file: 'src/inventory/group.ts',
    text: 'for (const { deviceId, state } of this.waiting.splice(0).toReversed()) {',
    replacement: 'for (const { deviceId, state } of this.waiting.splice(0, 1)) {',
    what: 'only one of those that wait is dropped',
  },
  {
    file: 'src/inventory/group.ts',
    text: 'if (this.verdicts.size === this.total) this.resolve(',
    replacement: 'if (this.verdicts.size >= this.total - 1) this.resolve(',
    what: 'a group ends before its last member',
  },
  {
    file: 'src/inventory/group.ts',
    text: 'counts[outcome] += 1;',
    replacement: "counts[outcome === 'unknown' ? 'failed' : outcome] += 1;",
    what: 'unknown members are counted as failed',
  },
  {
    file: 'src/inventory/group.ts',
    text: 'const isAll = total > 0 && counts.confirmed === total;',
    replacement: 'const isAll = total > 0 && counts.confirmed > 0;',
    what: 'one confirmed member is taken for all',
  },
  {
    file: 'src/inventory/group.ts',
    text: '...(requester !== undefined && { requester }),',
    replacement: '',
    what: 'toggles of a group do not say who asked for them',
  },
  // Inventories, whose rows change while they are switched.
  {
    file: 'src/inventory/inventory.ts',
    text: 'if (this.rows.has(deviceId)) this.toggles.reconfigure(deviceId);',
    replacement: 'this.toggles.reconfigure(deviceId);',
    what: 'an inventory that is loaded again within its own reload throws',
  },
  {
    file: 'src/inventory/inventory.ts',
    text: 'for (const deviceId of removed) this.removed.add(deviceId);',
    replacement: '',
    what: 'toggles of a row that is gone go on',
  },
  {
    file: 'src/inventory/inventory.ts',
    text: 'for (const deviceId of [...changed, ...added])',
    replacement: 'for (const deviceId of added)',
    what: 'a row that changed keeps its old queue and circuit',
  },
  {
    file: 'src/inventory/inventory.ts',
    text: 'if (this.rows.has(deviceId)) return undefined;',
    replacement: 'if (this.rows.size > 0) return undefined;',
    what: 'a device id without a row is tried',
  },
  {
    file: 'src/inventory/connections.ts',
    text: 'else if (shared.isUnused) this.remove(key, shared);',
    replacement: 'else if (!shared.isUnused) this.shared.delete(key);',
    what: 'an address that gets a row back has a second connection beside the one that is ending',
  },
  {
    file: 'src/transport/persistent/transport.ts',
    text: "if (answer.kind === 'bad') session.outstanding.giveUp(request);",
    replacement: "if (answer.kind === 'bad') session.settle(request);",
    what: 'a broken frame counts as an answer to the packet',
  },
  {
    file: 'src/inventory/connections.ts',
    text: 'const key = keyOf(device);\n    return {',
    replacement: 'const key = device.settings.connection;\n    return {',
    what: 'rows of several addresses share one connection',
  },
  {
    file: 'src/device/toggles.ts',
    text: '    this.states.forget(deviceId);\n',
    replacement: '',
    what: 'the state of a row that is gone is remembered',
  },
  {
    file: 'src/device/lanes.ts',
    text: '    lane?.forgetFailures();\n',
    replacement: '',
    what: 'the circuit of a row that is gone stays open',
  },
  {
    file: 'src/device/lane.ts',
    text: 'if ((replaces ? 0 : this.waiting.length) >= queueLimit) {',
    replacement: 'if (replaces) this.waiting.remove(() => true);\n    if (this.waiting.length >= queueLimit) {',
    what: 'a toggle that is dropped takes with it those that wait',
  },
  {
    file: 'src/device/lane.ts',
    text: '    this.waiting.setTtl(settings.queueTtlMs);\n',
    replacement: '',
    what: 'what waits keeps the old time to live',
  },
];
