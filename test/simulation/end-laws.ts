/** Laws of the end of a world: nothing is left, everything was handed over, and the stores have what was confirmed. */
import type { Addresses } from '../../src/transport/connection-turns';
import type { Controller } from './controller';
import type { Judge } from './judge';
import type { SimNetwork } from './sim-network';
import type { World } from './world';

interface End {
  readonly world: World;
  readonly controllers: readonly Controller[];
  readonly judge: Judge;
  readonly network: SimNetwork;
  readonly addresses: Addresses;
}

export function judgeEnd({ world, controllers, judge, network, addresses }: End): void {
  if (network.open.size > 0) judge.broken('leak', `${network.open.size} sockets are left`);
  for (const [key, { users, connected }] of addresses) {
    if (users + connected > 0) judge.broken('leak', `${key} has ${users} turns and ${connected} connections`);
  }
  if (judge.resolvedCount !== judge.toggles.length) {
    judge.broken('verdict', `${judge.resolvedCount} of ${judge.toggles.length} promises were kept`);
  }
  for (const [index, controller] of controllers.entries()) {
    const { store } = controller;
    if (!store) continue;
    for (const deviceId of world.controllers[index]?.deviceIds ?? []) {
      judgeStore(controller, deviceId, store.saved[deviceId], judge);
    }
  }
}

/** What was confirmed is known, and since the last deploy it is in the store. */
function judgeStore(controller: Controller, deviceId: string, saved: boolean | undefined, judge: Judge): void {
  controller.judgeKnown(deviceId);
  const [known, confirmed] = controller.knownStates(deviceId);
  if (confirmed !== undefined && (known !== confirmed || saved !== confirmed)) {
    judge.broken('state', `${deviceId} was confirmed as ${confirmed}, known as ${known}, saved as ${saved}`);
  }
}
