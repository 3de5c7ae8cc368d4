/** When all is well again, each device id must be confirmed, and everyone must agree on its state. */
import type { Controller } from './controller';
import type { ToggleFact } from './facts';
import type { Judge } from './judge';
import type { SimDevice } from './sim-device';

export interface RollCall {
  readonly index: number;
  readonly deviceId: string;
  readonly controller: Controller;
  readonly device: SimDevice;
  readonly latencyMs: number;
  /** The handshake of TLS takes further ways there and back. */
  readonly isSecure: boolean;
  readonly judge: Judge;
  /** Lets the world go on until `isDone`, or until a law is broken. */
  readonly until: (isDone: () => boolean) => Promise<void>;
  readonly pass: (ms: number) => Promise<void>;
}

/** Lanes of a device that takes one connection at a time wait for each other. */
const CALLS = 4;
/** Before the first call everything has ended that was under way; before a further one, the last connection. */
const BEFORE_FIRST_MS = 12_000;
const BETWEEN_MS = 1200;

export async function callRoll(rollCall: RollCall): Promise<void> {
  const { index, deviceId, controller, device, judge, until, pass } = rollCall;
  if (!isConfirmable(rollCall)) return;
  const { breakerResetMs } = controller.settingsOf(deviceId);
  await pass(BEFORE_FIRST_MS + breakerResetMs);
  let toggle: ToggleFact | undefined;
  for (let call = 1; call <= CALLS && toggle?.verdict?.outcome !== 'confirmed'; call += 1) {
    const asked = controller.toggle({
      deviceId,
      state: (index + call) % 2 === 0,
      msgId: `roll-call-${index}-${call}`,
      requester: 'roll call',
    });
    await until(() => asked.verdict !== undefined);
    await pass(BETWEEN_MS + breakerResetMs);
    if (judge.violations.length > 0) return;
    toggle = asked;
  }
  const verdict = toggle?.verdict;
  if (verdict?.outcome !== 'confirmed') {
    return judge.broken('recovery', `${deviceId} is ${verdict?.outcome}/${verdict?.reason} when all is well`);
  }
  const actual = device.states.get(deviceId);
  const [known, confirmed] = controller.knownStates(deviceId);
  if (actual !== verdict.state || known !== actual || confirmed !== actual) {
    judge.broken('state', `${deviceId} is ${actual}, known as ${known}, and asked to be ${verdict.state}`);
  }
}

/** Whether a device that is well is confirmed under these settings at all. */
function isConfirmable({ deviceId, controller, device, latencyMs, isSecure }: RollCall): boolean {
  const { dialect, replyMs, idleCloseMs } = device.deps.kind;
  if (idleCloseMs <= 4 * latencyMs + replyMs) return false;
  return controller
    .sharedSettingsOf(deviceId)
    .every(
      ({ reply, ioTimeoutMs, connectTimeoutMs }) =>
        !(reply === 'framed' && dialect === 'raw') &&
        ioTimeoutMs > 2 * latencyMs + replyMs + 5 &&
        connectTimeoutMs > (isSecure ? 5 : 3) * latencyMs + 25,
    );
}
