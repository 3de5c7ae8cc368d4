/**
 * The floor: a bare `node:net` loop with the same frames and the same promises as a device of ours, and nothing else: a
 * deadline, replies matched by msg_id, a polite close.
 */
import { connect, type Socket } from 'node:net';
import type { SwitchDevice } from './closed-loop';
import { frameOf, FrameStream, togglePayload } from './raw-frame';

const HOST = '127.0.0.1';
const DEADLINE_MS = 1500;

/** Random bytes would cost more than the frame; all that a device needs is that no id comes twice. */
const PREFIX = process.pid.toString(16).padStart(8, '0');
let count = 0;

function newMsgId(): string {
  count += 1;
  return PREFIX + count.toString(16).padStart(8, '0');
}

interface Reply {
  readonly opcode: string;
  readonly msg_id: string;
  readonly state: boolean;
}

/** A connection for each toggle. The next toggle of a device id begins when the connection is closed. */
export function connectionPerToggle(port: number): SwitchDevice {
  return (device_id, state) =>
    new Promise((resolve) => {
      const msg_id = newMsgId();
      let isConfirmed = false;
      const socket = connect({ host: HOST, port, noDelay: true });
      const deadline = setTimeout(() => socket.destroy(), DEADLINE_MS);
      socket.once('connect', () => socket.write(frameOf(togglePayload({ device_id, msg_id, state }))));
      const stream = new FrameStream((payload) => {
        const reply = JSON.parse(payload) as Reply;
        if (reply.msg_id !== msg_id) return;
        isConfirmed = reply.opcode === 'ack' && reply.state === state;
        clearTimeout(deadline);
        socket.end();
      });
      socket.on('data', (chunk) => stream.push(chunk));
      socket.once('error', () => socket.destroy());
      socket.once('close', () => {
        clearTimeout(deadline);
        resolve(isConfirmed);
      });
    });
}

/** One connection for all toggles, with one write for each. */
export function oneConnection(port: number): SwitchDevice {
  const waiting = new Map<string, (reply?: Reply) => void>();
  let socket: Socket | undefined;
  const open = (): Socket => {
    const opened = connect({ host: HOST, port, noDelay: true });
    const stream = new FrameStream((payload) => {
      const reply = JSON.parse(payload) as Reply;
      waiting.get(reply.msg_id)?.(reply);
    });
    opened.on('data', (chunk) => stream.push(chunk));
    opened.once('error', () => opened.destroy());
    opened.once('close', () => {
      socket = undefined;
      for (const settle of waiting.values()) settle();
    });
    return opened;
  };
  return (device_id, state) =>
    new Promise((resolve) => {
      const msg_id = newMsgId();
      const settle = (reply?: Reply) => {
        clearTimeout(deadline);
        waiting.delete(msg_id);
        resolve(reply?.opcode === 'ack' && reply.state === state);
      };
      const deadline = setTimeout(settle, DEADLINE_MS);
      waiting.set(msg_id, settle);
      socket ??= open();
      socket.write(frameOf(togglePayload({ device_id, msg_id, state })));
    });
}
