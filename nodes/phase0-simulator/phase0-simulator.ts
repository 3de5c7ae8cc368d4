/** Glue of the phase0-simulator node: settings → simulated device, message → mode, packet → message, close. */
import { systemClock } from '../../src/clock';
import { show } from '../../src/settings/field';
import { DeviceSimulator, type ReceivedPacket } from '../../src/simulator/device-simulator';
import { isMode, MODES, type Mode } from '../../src/settings/simulator';
import { onPost, pressedNode } from '../admin';
import type { Config, Message, Node, NodeApi, Status } from '../red';
import { parseSaved } from '../saved';
import { tlsOptionsOf } from '../tls';
import { StatusLine } from '../status-line';
import { fields, migrations } from './settings';

interface SimulatorNode extends Node {
  mode(): Mode;
}

export = function register(RED: NodeApi): void {
  function createSimulator(this: Node, config: Config): void {
    RED.nodes.createNode(this, config);
    const status = new StatusLine((shown) => this.status(shown), systemClock);
    const showError = (error: Error) => status.set(() => ({ fill: 'red', shape: 'ring', text: error.message }));
    const fail = (error: Error) => {
      showError(error);
      this.error(error.message);
    };
    const { simulator, problem } = simulatorFrom(RED, config);
    (this as SimulatorNode).mode = () => simulator.mode;

    let count = 0;
    const modeStatus = (): Status => {
      const address = `${simulator.host}:${simulator.port}`;
      const text = RED._('phase0-simulator.status.running', { mode: simulator.mode, address, count });
      return { fill: simulator.mode === 'success' ? 'green' : 'yellow', shape: 'dot', text };
    };
    const showMode = () => status.set(modeStatus);
    simulator.on('packet', (packet) => {
      count += 1;
      showMode();
      this.send(packetMessage(packet));
    });
    simulator.on('malformed', (error) => this.warn(error.message));
    // Whoever asked for the mode that failed is told as well, with its message.
    simulator.on('error', showError);
    if (problem) fail(problem);
    else simulator.start().then(showMode, fail);

    this.on('input', (msg, _send, done) => {
      if (msg.rejectNext === true) simulator.rejectNextConnection();
      const mode = msg.mode ?? (msg.rejectNext === true ? undefined : msg.payload);
      if (mode === undefined) return done();
      if (!isMode(mode)) {
        const values = { accepted: MODES.join(', '), value: show(mode) };
        return done(new Error(RED._('phase0-simulator.error.mode', values)));
      }
      simulator.setMode(mode).then(
        () => {
          showMode();
          done();
        },
        (error: Error) => done(error),
      );
    });
    this.on('close', (_removed, done) => {
      status.close();
      void simulator.close().finally(done);
    });
  }
  RED.nodes.registerType('phase0-simulator', createSimulator);

  /** The button on the canvas: what a message with the next mode would do. */
  onPost(RED, 'phase0-simulator', ':id/next-mode', ({ params }, response) => {
    const node = pressedNode(RED, 'phase0-simulator', params.id, response) as SimulatorNode | undefined;
    if (!node) return;
    node.receive({ payload: MODES[(MODES.indexOf(node.mode()) + 1) % MODES.length] });
    response.status(204).end();
  });
};

/** The simulated device; with wrong settings one that is not to be started, and what is wrong. */
function simulatorFrom(RED: NodeApi, config: Config): { simulator: DeviceSimulator; problem?: Error } {
  const parsed = parseSaved(fields, migrations, config);
  if (!parsed.ok) return { simulator: new DeviceSimulator(), problem: new Error(parsed.problems.join('; ')) };
  try {
    const { rejectUnauthorized: requestCert, ...tls } = tlsOptionsOf(RED, config.tls) ?? {};
    // Only a certificate authority to check them against makes a server ask for certificates.
    const server = { ...tls, requestCert: Boolean(requestCert && tls.ca), rejectUnauthorized: true };
    return { simulator: new DeviceSimulator({ ...parsed.settings, ...(config.tls && { tls: server }) }) };
  } catch (error) {
    return { simulator: new DeviceSimulator(), problem: error as Error };
  }
}

function packetMessage({ payload, raw, connection, repeated }: ReceivedPacket): Message {
  return { payload, phase0: { raw, connection, repeated } };
}
