/** The phase0-simulator node: settings → simulated device, message → mode, packet → message, close. */
import { systemClock } from '../../src/clock';
import { errorText, printable } from '../../src/printable';
import { show } from '../../src/settings/show';
import type { ReceivedPacket, SimulatorOptions } from '../../src/simulator/device-simulator';
import { modeNamed, MODES, type Mode } from '../../src/settings/simulator';
import { onPost, pressedNode } from '../admin';
import { GuardedNode } from '../guarded-node';
import { followReadings, inventoryNodeOf, unfollowReadings } from '../phase0-inventory/inventory-node';
import { filled } from '../phrases';
import type { Config, Message, Node, NodeApi, Status } from '../red';
import { parseSaved } from '../saved';
import { tlsOptionsOf } from '../tls';
import { settingStatus } from '../setting-status';
import { StatusLine } from '../status-line';
import { propertyOf, textOf } from '../unsafe-values';
import { fields, migrations } from './settings';
import { SimulatedDevice, type Simulated, type SimulatedEvents } from './simulated';
import { SimulatedPlant } from './simulated-plant';
import { STATUS_TEXTS } from './status-texts';

interface SimulatorNode extends Node {
  mode(): Mode;
  /** What is wrong with the settings; without one it plays. */
  problem?: string;
}

export = function register(RED: NodeApi): void {
  function createSimulator(this: Node, config: Config): void {
    RED.nodes.createNode(this, config);
    const guarded = new GuardedNode(this);
    const status = new StatusLine(guarded, systemClock);
    const showError = (error: Error) =>
      status.set(() => ({ fill: 'red', shape: 'ring', text: printable(error.message) }));
    const inventoryId = textOf(config.inventory);
    const inventory = () => inventoryNodeOf(RED, inventoryId)?.device;

    let count = 0;
    const modeStatus = (): Status => {
      const text = filled(STATUS_TEXTS.running, { mode: simulated.mode, address: simulated.where, count });
      return { fill: simulated.mode === 'success' ? 'green' : 'yellow', shape: 'dot', text };
    };
    const showMode = () => status.set(modeStatus);
    const events: SimulatedEvents = {
      packet: (packet) => {
        count += 1;
        showMode();
        guarded.send(
          (msg) => this.send(msg),
          packetMessage(packet),
          () => 'a packet',
        );
      },
      malformed: (error) => guarded.warn(printable(error.message)),
      // The message that asked for the failed mode gets the error as well.
      error: showError,
    };
    const { options, problems } = optionsFrom(RED, config);
    const rows = () => inventory()?.devices() ?? [];
    const plant =
      inventoryId === '' ? undefined : new SimulatedPlant({ rows, options, events, changed: () => showMode() });
    const simulated: Simulated = plant ?? new SimulatedDevice(options, events);
    (this as SimulatorNode).mode = () => simulated.mode;
    const problem = problems.length > 0 ? problems.join('; ') : undefined;
    if (problem !== undefined) {
      (this as SimulatorNode).problem = problem;
      status.set(() => settingStatus(problems));
      guarded.error(problem);
    } else {
      const failed = (error: Error) => {
        showError(error);
        guarded.error(error.message);
      };
      simulated.start().then(showMode, failed);
      if (plant) followReadings(inventoryId, this.id, () => void plant.update().catch(failed));
    }

    this.on('input', (msg, _send, done) => {
      // With wrong settings nothing plays, whatever the mode.
      if (problem !== undefined) return guarded.fail(msg, done, new Error(problem));
      const rejectNext = propertyOf(msg, 'rejectNext') === true;
      if (rejectNext) simulated.rejectNextConnection();
      const own = propertyOf(msg, 'mode') ?? undefined;
      const named = own ?? propertyOf(msg, 'payload');
      const mode = modeNamed(named);
      if (mode === undefined) {
        // The payload of a message that resets a connection may be anything.
        if (named === undefined || (rejectNext && own === undefined)) return guarded.done(done);
        const values = { accepted: MODES.join(', '), value: printable(show(named)) };
        return guarded.fail(msg, done, new Error(RED._('phase0-simulator.error.mode', values)));
      }
      const topic = propertyOf(msg, 'topic');
      const deviceId = plant && typeof topic === 'string' && topic !== '' ? topic : undefined;
      simulated.setMode(mode, deviceId).then(
        () => {
          showMode();
          guarded.done(done);
        },
        (error: Error) => guarded.fail(msg, done, error),
      );
    });
    this.on('close', (_removed, done) => {
      status.close();
      unfollowReadings(inventoryId, this.id);
      simulated.close().then(done, () => done());
    });
  }
  RED.nodes.registerType('phase0-simulator', createSimulator);

  /** The button on the canvas does what a message with the next mode would do; it says which mode that is. */
  onPost(RED, 'phase0-simulator', ':id/next-mode', ({ params }, response) => {
    const node = pressedNode(RED, 'phase0-simulator', params.id, response) as SimulatorNode | undefined;
    if (!node) return;
    if (node.problem !== undefined) return response.status(409).json({ error: node.problem });
    const mode = MODES[(MODES.indexOf(node.mode()) + 1) % MODES.length];
    node.receive({ payload: mode });
    response.json({ mode });
  });
};

/** The options of what is simulated; with problems, it must not be started. */
function optionsFrom(RED: NodeApi, config: Config): { options: SimulatorOptions; problems: readonly string[] } {
  const parsed = parseSaved(fields, migrations, config);
  if (!parsed.ok) return { options: {}, problems: parsed.problems };
  const tls = textOf(config.tls);
  try {
    const { rejectUnauthorized: requestCert, ...certificates } = tlsOptionsOf(RED, tls) ?? {};
    // A server asks for client certificates only if it has an authority to check them against.
    const server = { ...certificates, requestCert: Boolean(requestCert && certificates.ca), rejectUnauthorized: true };
    return { options: { ...parsed.settings, ...(tls !== '' && { tls: server }) }, problems: [] };
  } catch (error) {
    return { options: {}, problems: [errorText(error)] };
  }
}

function packetMessage({ payload, raw, connection, repeated }: ReceivedPacket): Message {
  return { payload, phase0: { raw, connection, repeated } };
}
