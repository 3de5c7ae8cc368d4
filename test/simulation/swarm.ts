/** What a seed draws: which faults there are and how often, which devices, which settings. Each seed has other ones. */
import { seededRandom } from '../../src/simulator/seeded-random';
import type { ProxyFaults } from '../support/fault-schedule';
import { Draw } from './draw';
import { withGroups } from './group-story';
import { drawSettings } from './draw-settings';
import { withInventories } from './inventory-swarm';
import { withSuddenChanges } from './sudden-changes';
import { drawStory } from './story';
import type { ConnectChances, ControllerPlan, DeviceKind, EndpointPlan, World } from './world';

export function drawWorld(seed: number, steps: number): World {
  const world = drawFirst(seed, steps);
  return seed % 5 === 4 ? withSuddenChanges(world) : world;
}

function drawFirst(seed: number, steps: number): World {
  const draw = new Draw(seededRandom(Math.imul(seed, 0x9e3779b1) + 7));
  // Some worlds are peaceful in parts, where laws are stricter.
  const network = draw.pick([0, 0.15, 0.4]);
  const devices = draw.pick([0, 0.15, 0.35]);
  const dialing = draw.pick([0, 0.15, 0.3]);
  const endpoints = Array.from({ length: draw.whole(1, 2) }, (_, index): EndpointPlan => ({
    host: draw.chance(0.3) ? `device-${index}.test` : `10.0.0.${index + 1}`,
    port: 9000 + index,
    device: drawDevice(draw, devices),
    connect: drawConnect(draw, dialing),
    capacity: draw.chance(network / 2) ? draw.whole(1, 300) : 1_000_000,
    isSecure: false,
  }));
  const controllers = Array.from({ length: draw.whole(1, 3) }, (_, index) => drawController(draw, index, endpoints));
  const world: World = {
    seed,
    endpoints,
    controllers,
    faults: drawFaults(draw, network),
    latencyMs: draw.pick([0.2, 2, 20, 100]),
    isCoarse: draw.chance(0.3),
    timersAreEarly: draw.chance(0.3),
    actions: drawStory(draw, controllers, steps),
  };
  if (seed % 4 === 2) return { ...world, endpoints: endpoints.map(secured) };
  if (seed % 4 !== 3) return world;
  const withRows = withInventories(world);
  return seed % 8 === 7 ? { ...withRows, actions: withGroups(draw, withRows.controllers, withRows.actions) } : withRows;
}

/** Each write is a record, which comes whole or not at all. */
function secured(endpoint: EndpointPlan): EndpointPlan {
  return { ...endpoint, isSecure: true, capacity: Infinity };
}

function drawFaults(draw: Draw, on: number): ProxyFaults {
  return {
    delay: { chance: draw.fault(on), maxMs: draw.pick([10, 300, 3000]) },
    split: draw.chance(on) ? draw.random() : 0,
    coalesce: draw.fault(on),
    duplicate: draw.fault(on),
    corrupt: draw.fault(on, 0.2),
    truncate: draw.fault(on, 0.2),
    reset: draw.fault(on, 0.2),
    halfOpen: draw.fault(on),
    blackHole: draw.fault(on),
    bandwidth: { chance: draw.fault(on), bytesPerSecond: draw.pick([50, 500, 5000]) },
  };
}

function drawDevice(draw: Draw, on: number): DeviceKind {
  return {
    dialect: draw.pick(['framed', 'framed', 'framed-without-state', 'raw']),
    memory: draw.pick(['remembers', 'remembers', 'forgets-on-reboot', 'forgets']),
    takesOne: draw.chance(0.25),
    closesAfterReply: draw.chance(0.15),
    keepsOpen: draw.chance(0.1),
    idleCloseMs: draw.chance(0.2) ? draw.pick([20, 200, 2000]) : Infinity,
    greeting: draw.chance(on / 2) ? draw.pick(['early', 'late']) : 'none',
    replyMs: draw.pick([0, 5, 50]),
    chances: {
      nack: draw.fault(0.3),
      ignore: draw.fault(on),
      silent: draw.fault(on),
      closeBefore: draw.fault(on),
      closeAfter: draw.fault(on),
      garbage: draw.fault(on),
      otherId: draw.fault(on),
      secondAnswer: draw.fault(on),
      lie: draw.fault(on),
      drip: draw.fault(on),
      truncate: draw.fault(on),
      slow: draw.fault(on),
      pause: draw.fault(on, 0.1),
    },
  };
}

function drawConnect(draw: Draw, on: number): ConnectChances {
  return {
    refuse: draw.fault(on, 0.6),
    silent: draw.fault(on),
    slow: draw.fault(on),
    reset: draw.fault(on),
    handshake: draw.fault(on / 2),
    lookupFails: draw.fault(on),
    lookupSilent: draw.fault(on / 2),
    untrusted: draw.fault(on / 4),
  };
}

function drawController(draw: Draw, index: number, endpoints: readonly EndpointPlan[]): ControllerPlan {
  const endpoint = draw.whole(0, endpoints.length - 1);
  const isRaw = endpoints[endpoint]?.device.dialect === 'raw';
  const reply = isRaw
    ? draw.pick(['auto', 'auto', 'any'] as const)
    : draw.pick(['auto', 'framed', 'framed', 'any'] as const);
  const common = { connection: draw.pick(['per-toggle', 'persistent'] as const), reply };
  return {
    endpoint,
    deviceIds: Array.from({ length: draw.pick([1, 2, 3, 6]) }, (_, lamp) => `lamp-${index}${index}-${lamp}${lamp}`),
    settings: { ...common, ...drawSettings(draw) },
    changed: { ...common, ...drawSettings(draw) },
    storeMs: draw.chance(0.3) ? draw.pick([0, 30, 1000, 20_000]) : undefined,
  };
}
