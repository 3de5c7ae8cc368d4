/** Commands that the broker gave up: each gets its verdict. */
import type { Verdict } from '../verdict';
import type { BrokerChannel, BrokerMessage } from './amqp/broker';
import { readCommand } from './command-message';
import type { FinishedCommand } from './partition-commands';
import { DEAD } from './topology';

/** Passes on the verdict of each, and takes it off the queue after that. */
export function consumeDeadLetters(
  channel: BrokerChannel,
  prefetch: number,
  publish: (finished: FinishedCommand) => Promise<void>,
): Promise<void> {
  return channel.consume(DEAD, prefetch, (message) => {
    void publish(finishedFrom(message)).then(() => channel.acknowledge(message.deliveryTag));
  });
}

function finishedFrom(message: BrokerMessage): FinishedCommand {
  const command = readCommand(message);
  const { deviceId, msgId, replyTo } = command;
  const verdict: Verdict = {
    outcome: 'unknown',
    reason: 'dead_lettered',
    cause: 'dead_lettered',
    deviceId,
    msgId,
    ...('state' in command && typeof command.state === 'boolean' && { state: command.state }),
    attempts: 0,
    elapsedMs: 0,
    error: 'handed to workers too often without a verdict',
  };
  return { verdict, replyTo, ...('sentAt' in command && { sentAt: command.sentAt }) };
}
