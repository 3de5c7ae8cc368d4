/** When all is well again, each device id must be confirmed, and everyone must agree on its state. */
import type { Controller } from './controller';
import type { ToggleFact } from './facts';
import type { Judge } from './judge';
import type { SimDevice } from './sim-device';
import type { ControllerPlan } from './world';

export interface RollCall {
  readonly index: number;
  readonly plan: ControllerPlan;
  readonly controller: Controller;
  readonly device: SimDevice;
  readonly latencyMs: number;
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
  const { plan, controller, pass } = rollCall;
  if (!isConfirmable(rollCall)) return;
  await pass(BEFORE_FIRST_MS + controller.settings.breakerResetMs);
  for (const deviceId of plan.deviceIds) await callOne(rollCall, deviceId);
}

async function callOne(rollCall: RollCall, deviceId: string): Promise<void> {
  const { index, controller, device, judge, until, pass } = rollCall;
  let toggle: ToggleFact | undefined;
  for (let call = 1; call <= CALLS && toggle?.verdict?.outcome !== 'confirmed'; call += 1) {
    const asked = controller.toggle({
      deviceId,
      state: (index + call) % 2 === 0,
      msgId: `roll-call-${index}-${call}`,
      requester: 'roll call',
    });
    await until(() => asked.verdict !== undefined);
    await pass(BETWEEN_MS + controller.settings.breakerResetMs);
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
function isConfirmable({ controller, device, latencyMs }: RollCall): boolean {
  const { reply, ioTimeoutMs, connectTimeoutMs } = controller.settings;
  const { dialect, replyMs, idleCloseMs } = device.deps.kind;
  if ((reply === 'framed' && dialect === 'raw') || idleCloseMs <= 4 * latencyMs + replyMs) return false;
  return ioTimeoutMs > 2 * latencyMs + replyMs + 5 && connectTimeoutMs > 3 * latencyMs + 25;
}
