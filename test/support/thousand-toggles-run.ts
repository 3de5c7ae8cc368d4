/** A run of the thousand toggles: their devices, and toggle nodes in a real Node-RED that switch them. */
import type { Socket } from 'node:net';
import { encodeReply } from '../../src/protocol/toggle';
import { DeviceSimulator } from '../../src/simulator/device-simulator';
import type { Verdict } from '../../src/verdict';
import { openPeer, refusedPort } from './loopback';
import type { FlowNode, NodeRed } from './node-red';
import { CASES } from './thousand-toggles';

/** The devices of the cases, running. */
export interface Peers {
  readonly ports: Readonly<Record<string, number>>;
  /** Lets a device that is held answer what it has got, and all that comes. */
  release(device: string): void;
  close(): Promise<void>;
}

export async function openPeers(): Promise<Peers> {
  const ports: Record<string, number> = {};
  const releases: Record<string, () => void> = {};
  const closes: (() => Promise<void>)[] = [];
  for (const [device, { peer }] of Object.entries(CASES)) {
    if (peer === 'refused') {
      ports[device] = await refusedPort();
    } else if (peer === 'held' || peer === 'forgetful') {
      const { serve, release } = peer === 'held' ? heldPeer() : { serve: forgetfulPeer(), release: () => undefined };
      const opened = await openPeer(serve);
      ports[device] = opened.port;
      releases[device] = release;
      closes.push(() => opened.close());
    } else {
      const simulator = new DeviceSimulator({ port: 0, ...peer });
      ports[device] = (await simulator.start()).port;
      closes.push(() => simulator.close());
    }
  }
  return {
    ports,
    release: (device) => releases[device]?.(),
    close: async () => {
      for (const close of closes) await close();
    },
  };
}

/** Answers nothing until it is released. */
function heldPeer(): { serve: (socket: Socket) => void; release: () => void } {
  const waiting: Socket[] = [];
  let released = false;
  return {
    serve(socket) {
      socket.on('error', () => undefined);
      socket.once('data', () => (released ? void socket.write('ACK') : waiting.push(socket)));
    },
    release() {
      released = true;
      for (const socket of waiting) socket.write('ACK');
    },
  };
}

/** Closes on the first packet of each message; answers the second one, after an answer to some other message. */
function forgetfulPeer(): (socket: Socket) => void {
  const known = new Set<string>();
  return (socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (packet) => {
      const { msg_id: msgId } = JSON.parse(packet.subarray(7).toString()) as { msg_id: string };
      if (!known.has(msgId)) {
        known.add(msgId);
        return socket.end();
      }
      const stray = encodeReply({ kind: 'ack', msgId: 'another', state: true });
      return socket.write(Buffer.concat([stray, encodeReply({ kind: 'ack', msgId })]));
    });
  };
}

/**
 * The flow: for each device `http in → split → phase0-toggle → join → http response`, so that a POST of many payloads
 * is answered with their verdicts, once there are all; and one route to reset it.
 */
export function flowFor(ports: Readonly<Record<string, number>>, metricsPort: number): FlowNode[] {
  const z = 'f000000000000001';
  const flows = Object.entries(CASES).map(([device, { settings }], index): FlowNode[] => {
    const id = (kind: string) => `${kind}${String(index).padStart(14, '0')}`;
    const change = (kind: string, rule: object, to: string) => ({
      id: id(kind),
      type: 'change',
      z,
      rules: [{ t: 'set', pt: 'msg', ...rule }],
      wires: [[id(to)]],
    });
    return [
      {
        id: id('d0'),
        type: 'phase0-device',
        deviceId: device,
        host: '127.0.0.1',
        port: String(ports[device]),
        maxAttempts: '2',
        backoffBaseMs: '1',
        jitterMs: '0',
        connectTimeoutMs: '30000',
        ioTimeoutMs: '30000',
        queueLimit: '1000',
        ...settings,
      },
      { id: id('a0'), type: 'http in', z, url: `/${device}`, method: 'post', wires: [[id('a1')]] },
      { id: id('a1'), type: 'split', z, arraySplt: 1, arraySpltType: 'len', wires: [[id('b0')]] },
      {
        id: id('b0'),
        type: 'phase0-toggle',
        z,
        device: id('d0'),
        errors: 'never',
        wires: [[id('c0')], [id('c0')], []],
      },
      change('c0', { p: 'payload', to: 'phase0', tot: 'msg' }, 'c1'),
      { id: id('c1'), type: 'join', z, mode: 'auto', wires: [[id('c2')]] },
      { id: id('c2'), type: 'http response', z, wires: [] },
      { id: id('a2'), type: 'http in', z, url: `/${device}/reset`, method: 'post', wires: [[id('a3'), id('c2')]] },
      change('a3', { p: 'reset', to: 'true', tot: 'bool' }, 'b0'),
    ];
  });
  return [
    { id: z, type: 'tab', label: 'a thousand toggles' },
    { id: 'e000000000000001', type: 'phase0-metrics', z, port: String(metricsPort), wires: [[]] },
    ...flows.flat(),
  ];
}

/** Toggles a device once for each payload; resolves with all verdicts. */
export async function toggleAll(nodeRed: NodeRed, device: string, payloads: readonly unknown[]): Promise<Verdict[]> {
  const response = await nodeRed.request('POST', `/${device}`, payloads);
  return (await response.json()) as Verdict[];
}

/** Drives every case at once; resolves with all verdicts. `reaches` waits for what a held device waits for. */
export async function driveAll(
  nodeRed: NodeRed,
  peers: Peers,
  reaches: (expression: string, value: number) => Promise<void>,
): Promise<Verdict[]> {
  const verdicts = Object.entries(CASES).map(async ([device, { payloads, until }]) => {
    const answer = toggleAll(nodeRed, device, payloads);
    if (until) {
      await reaches(...until);
      // Once it is released, an answer would run a race with the reset.
      if (device === 'reset') await nodeRed.request('POST', '/reset/reset');
      else peers.release(device);
    }
    return answer;
  });
  return (await Promise.all(verdicts)).flat();
}
