/** A flow that switches every row of an inventory, of which one device can be broken and mended. */
import { FrameDecoder } from '../../src/protocol/frame';
import { decodeToggle, encodeReply } from '../../src/protocol/toggle';
import { openPeer, type Peer } from './loopback';

export const PLANT = {
  tab: 'f100000000000060',
  inventory: 'd100000000000060',
  toggle: 'a100000000000060',
  each: 'c100000000000060',
  inject: 'b100000000000060',
} as const;

const VERSION_OFFSET = 2;

export interface BrokenDevice extends Peer {
  /** Whether it answers with version 2 of the frame format, which no client understands. */
  isBroken: boolean;
  /** Refuses every command in these words. */
  refusal?: string;
}

export async function startBrokenDevice(): Promise<BrokenDevice> {
  const peer = await openPeer((socket) => {
    const decoder = new FrameDecoder();
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      decoder.push(bytes, ({ payload }) => {
        const { msgId, state } = decodeToggle(payload);
        const { refusal: error } = device;
        const reply = encodeReply(error === undefined ? { kind: 'ack', msgId, state } : { kind: 'nack', msgId, error });
        if (device.isBroken) reply[VERSION_OFFSET] = 2;
        socket.write(reply);
      });
    });
  });
  const device: BrokenDevice = { ...peer, isBroken: true };
  return device;
}

/** Its button switches each of `ids` on. */
export function plantFlow(rows: readonly object[], ids: readonly string[]): object[] {
  const { tab, inventory, toggle, each, inject } = PLANT;
  const send = `for (const topic of ${JSON.stringify(ids)}) node.send({ topic, payload: true });`;
  return [
    { id: tab, type: 'tab', label: 'plant' },
    { id: inventory, type: 'phase0-inventory', name: 'plant', source: 'table', devices: rows, settingsVersion: 1 },
    {
      id: toggle,
      type: 'phase0-toggle',
      z: tab,
      x: 500,
      y: 100,
      name: 'plant',
      target: 'inventory',
      device: '',
      inventory,
      deviceId: 'topic',
      deviceIdType: 'msg',
      settingsVersion: 1,
      wires: [[], [], []],
    },
    { id: each, type: 'function', z: tab, x: 300, y: 100, name: 'each', func: send, outputs: 1, wires: [[toggle]] },
    { id: inject, type: 'inject', z: tab, x: 100, y: 100, props: [], repeat: '', once: false, wires: [[each]] },
  ];
}
