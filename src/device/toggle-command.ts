/** Commands to a device, and their validation. */
import type { Observer } from '../observer';
import type { DropReason } from '../outcomes';
import { newMsgId } from '../protocol/toggle';
import { errorText, printable } from '../printable';
import { givenDeviceId } from '../settings/device';
import { ignoreRejection } from '../call-safely';
import { problemWith } from '../settings/field';
import { show } from '../settings/show';

/** What a device is asked to do. */
export interface ToggleCommand {
  /**
   * The requested state, true = on. `flip` = the opposite of the last confirmed state of the device id, decided when
   * the toggle's turn comes; on while that state is unknown.
   */
  readonly state: boolean | 'flip';
  /** Another device id than that of the settings, behind the same host and port; 1–128 characters. */
  readonly deviceId?: string;
  /** The caller's own id for the toggle, 1–64 printable ASCII characters; a new one by default. */
  readonly msgId?: string;
  /** Who requests the toggle; `stop()` can be limited to one requester. */
  readonly requester?: string;
  /** The requester's own id of this request, such as that of a message; only observers get it. */
  readonly requestId?: string;
  /** Receives the attempts of this toggle, and its verdict before the next toggle starts. */
  readonly observer?: Pick<Observer, 'attemptStarted' | 'attemptEnded' | 'verdict'>;
}

/** What a command takes from its device. */
export interface CommandDefaults {
  readonly deviceId: string;
  readonly newMsgId: (() => string) | undefined;
}

/** A complete command. */
export interface ValidCommand {
  readonly valid: true;
  readonly state: boolean | 'flip';
  readonly deviceId: string;
  readonly msgId: string;
  readonly requester: string | undefined;
  readonly requestId: string | undefined;
  readonly observer: ToggleCommand['observer'];
}

/** What is wrong with a command, with its ids as far as they are known. */
export interface InvalidCommand {
  readonly valid: false;
  readonly reason: Extract<DropReason, 'invalid_state' | 'invalid_settings'>;
  readonly error: string;
  /** Where it is known; a flip is not decided. */
  readonly state?: boolean;
  readonly deviceId: string;
  readonly msgId: string;
  readonly requester: string | undefined;
  readonly requestId: string | undefined;
}

const NOBODY = { requester: undefined, requestId: undefined };

/** Validates a command, and completes it. Never throws, whatever it is given, since callers pass on data of others. */
export function readCommand(command: ToggleCommand, defaults: CommandDefaults): ValidCommand | InvalidCommand {
  try {
    return validate(command, defaults);
  } catch (error) {
    // A getter of the command, or `newMsgId`, threw.
    const { deviceId } = defaults;
    const message = `the command could not be read: ${errorText(error)}`;
    return { valid: false, reason: 'invalid_settings', error: message, deviceId, msgId: '', ...NOBODY };
  }
}

function validate(command: ToggleCommand, defaults: CommandDefaults): ValidCommand | InvalidCommand {
  const { state, requester, requestId, observer } = command;
  // A property that is present but undefined is reported as a mistake; it does not mean the default.
  const deviceId: unknown = 'deviceId' in command ? command.deviceId : defaults.deviceId;
  const msgId: unknown = 'msgId' in command ? command.msgId : (defaults.newMsgId ?? newMsgId)();
  const invalid = (reason: InvalidCommand['reason'], error: string): InvalidCommand => {
    const ids = { deviceId: textOf(deviceId), msgId: textOf(msgId), requester, requestId };
    return { valid: false, reason, error, ...(typeof state === 'boolean' && { state }), ...ids };
  };
  if (typeof state !== 'boolean' && state !== 'flip') {
    return invalid('invalid_state', `state must be true, false or 'flip', not ${show(state)}`);
  }
  const problem = problemWith('deviceId', givenDeviceId, deviceId);
  if (problem !== undefined) return invalid('invalid_settings', problem);
  ignoreRejection(msgId);
  if (typeof msgId !== 'string' || !/^[\x20-\x7e]{1,64}$/.test(msgId)) {
    return invalid('invalid_settings', `msgId must be 1 to 64 printable ASCII characters, not ${show(msgId)}`);
  }
  return { valid: true, state, deviceId: deviceId as string, msgId, requester, requestId, observer };
}

/** An id that is not valid becomes a label of metrics and logs all the same. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? printable(value) : show(value);
}
