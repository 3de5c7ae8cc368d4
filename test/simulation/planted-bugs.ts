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
    text: 'if (header.length > 2 && header[2] !== VERSION) {',
    replacement: 'if (header.length > 3 && header[2] !== VERSION + 1) {',
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
    text: 'frame.writeUInt32BE(length, 3);',
    replacement: 'frame.writeUInt32LE(length, 3);',
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
    text: '      cancelTimer();\n      signal',
    replacement: '      signal',
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
    text: 'const result = { outcome, error, maybeDelivered: true, ...(nonRetryable',
    replacement: "const result = { outcome, error, maybeDelivered: outcome !== 'connection_closed', ...(nonRetryable",
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
    text: '} while (willRetry && signal.reason === undefined);',
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
    text: 'if (this.waiting.length >= queueLimit) {',
    replacement: 'if (this.waiting.length > queueLimit) {',
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
    text: '    this.waiting.push(toggle);\n',
    replacement: "    if (queueMode === 'fifo') this.waiting.push(toggle);\n",
    what: 'the newest of `latest` is lost',
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
    text: '      this.expiresNext = undefined;\n      this.expire();',
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
    text: "if (reason === 'cancelled' || reason === 'closed') return this.releaseProbe();",
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
    text: '        this.cancel(request),\n',
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
    file: 'src/transport/persistent/transport.ts',
    text: '    if (this.requests.waiting.size > 0) this.connector.reconnectLater();\n',
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
    file: 'src/observers/metrics.ts',
    text: 'const device_id = willRetry ? labelOf(deviceId) : undefined;',
    replacement: 'const device_id = labelOf(deviceId);',
    what: 'the last attempt counts as followed by another one',
  },
  {
    file: 'src/observers/metrics.ts',
    text: "(direction === 'send' ? this.sent : this.received)",
    replacement: "(direction === 'recv' ? this.sent : this.received)",
    what: 'sent and received are mixed up',
  },
  {
    file: 'src/observers/metrics.ts',
    text: 'toFiniteNonNegative(latencyMs) / 1000',
    replacement: 'toFiniteNonNegative(latencyMs)',
    what: 'latencies are counted in milliseconds',
  },
  {
    file: 'src/observers/metrics.ts',
    text: 'if (reason !== undefined) this.abandoned.inc(',
    replacement: "if (outcome === 'dropped') this.abandoned.inc(",
    what: 'only dropped toggles count as abandoned',
  },
];
