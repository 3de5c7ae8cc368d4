/**
 * A process of its own, without an optimizing compiler and without garbage collection, that counts what a toggle costs: what
 * it counts is the same in every run, however busy the machine is. Its argument is the port of a device with framed replies.
 * Sends a {@link CostReport}.
 */
import { createHook } from 'node:async_hooks';
import { Socket } from 'node:net';
import { PerformanceObserver } from 'node:perf_hooks';
import { Device, type DeviceOptions } from '../../src/device/device';
import { Metrics } from '../../src/observers/metrics';
import { deviceFields } from '../../src/settings/device';
import { parseSettings } from '../../src/settings/field';
import type { Connect } from '../../src/transport/socket';

/** What one toggle costs. */
interface ToggleCost {
  /** Allocated in JavaScript, without a network. */
  readonly bytes: number;
  /** Promises, timers and ticks, without a network. */
  readonly asyncResources: number;
  /** Calls of the socket's handle, each about one system call: connect, write, shutdown, options. */
  readonly handleCalls: number;
}

export type Kind = 'per-toggle' | 'persistent' | 'persistent with metrics';

export interface CostReport {
  readonly costs: Readonly<Record<Kind, ToggleCost>>;
  /** Writes for one toggle when {@link BURST} device ids are switched at once, each in a callback of its own. */
  readonly writesInBurst: number;
}

const BURST = 64;
const TOGGLES = 2500;
/** Enough to count what is the same each time. */
const FEW_TOGGLES = 200;
const SOCKET_TOGGLES = 20;

/** A device without a network: a reply is the acknowledgement of the msg_id in the packet. */
const answerAtOnce: Connect = (_endpoint, events) => {
  const id = '0'.repeat(16);
  const reply = Buffer.from(`\u0000\u0000\u0001\u0000\u0000\u0000\u0000{"opcode":"ack","msg_id":"${id}"}`, 'latin1');
  reply.writeUInt16BE(0xf00d, 0);
  reply.writeUInt32BE(reply.length - 7, 3);
  const [idInReply, marker] = [reply.indexOf(id), Buffer.from('"msg_id":"')];
  queueMicrotask(() => events.connected());
  return {
    unsentBytes: 0,
    write(bytes, onSent) {
      const packet = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      const idInPacket = packet.indexOf(marker) + marker.length;
      packet.copy(reply, idInReply, idInPacket, idInPacket + id.length);
      queueMicrotask(onSent);
      setImmediate(() => events.data(reply));
    },
    end: () => events.closed(),
    reset: () => events.closed(),
  };
};

function deviceOf(kind: Kind, options: DeviceOptions = {}): Device {
  const connection = kind === 'per-toggle' ? kind : 'persistent';
  const parsed = parseSettings(deviceFields, {
    deviceId: 'lamp',
    host: '127.0.0.1',
    port: process.argv[2],
    connection,
  });
  if (!parsed.ok) throw new Error(parsed.problems.join('; '));
  const observers = kind === 'persistent with metrics' ? [new Metrics().observer('cost')] : [];
  return new Device(parsed.settings, { observers, ...options });
}

async function toggle(device: Device, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const { outcome, error } = await device.toggle({ state: index % 2 === 0 });
    if (outcome !== 'confirmed') throw new Error(error);
  }
}

function allocated(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

async function bytesOf(device: Device): Promise<number> {
  const collections = new PerformanceObserver(() => undefined);
  collections.observe({ entryTypes: ['gc'] });
  globalThis.gc?.();
  // The collection just made is reported in a later turn.
  await new Promise((resolve) => setImmediate(resolve));
  collections.takeRecords();
  const before = allocated();
  await toggle(device, TOGGLES);
  const bytes = (allocated() - before) / TOGGLES;
  await new Promise((resolve) => setImmediate(resolve));
  if (collections.takeRecords().length > 0) throw new Error('garbage was collected in between');
  collections.disconnect();
  return bytes;
}

async function asyncResourcesOf(device: Device): Promise<number> {
  let count = 0;
  const hook = createHook({ init: () => (count += 1) }).enable();
  await toggle(device, FEW_TOGGLES);
  hook.disable();
  return Math.round(count / FEW_TOGGLES);
}

/** Methods of a handle that make a system call. */
const HANDLE_CALLS =
  'connect connect6 setNoDelay setKeepAlive readStart readStop shutdown reset close writeBuffer writev writeUtf8String'.split(
    ' ',
  );
/** Calls by name, since the last look. */
const handleCalls = new Map<string, number>();

/** Counts the calls of every handle of a TCP connection, whose class Node.js does not export. */
async function countHandleCalls(): Promise<void> {
  const socket = new Socket();
  socket.connect(Number(process.argv[2]), '127.0.0.1');
  const { _handle: handle } = socket as unknown as { _handle: object };
  for (let prototype = Object.getPrototypeOf(handle); prototype !== Object.prototype;) {
    for (const name of HANDLE_CALLS) {
      const value: unknown = Object.getOwnPropertyDescriptor(prototype, name)?.value;
      if (typeof value !== 'function') continue;
      const counted = function (this: unknown, ...args: unknown[]): unknown {
        handleCalls.set(name, (handleCalls.get(name) ?? 0) + 1);
        return Reflect.apply(value, this, args) as unknown;
      };
      Object.defineProperty(prototype, name, { value: counted });
    }
    prototype = Object.getPrototypeOf(prototype);
  }
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.destroy();
}

async function handleCallsOf(device: Device): Promise<number> {
  await toggle(device, 1);
  handleCalls.clear();
  await toggle(device, SOCKET_TOGGLES);
  return [...handleCalls.values()].reduce((sum, count) => sum + count, 0) / SOCKET_TOGGLES;
}

async function costOf(kind: Kind): Promise<ToggleCost> {
  const alone = deviceOf(kind, { connect: answerAtOnce });
  // What is made once, and the code's own data.
  await toggle(alone, FEW_TOGGLES);
  const bytes = await bytesOf(alone);
  const asyncResources = await asyncResourcesOf(alone);
  alone.close();
  const connected = deviceOf(kind);
  const calls = await handleCallsOf(connected);
  connected.close();
  return { bytes, asyncResources, handleCalls: calls };
}

async function writesInBurst(): Promise<number> {
  const device = deviceOf('persistent');
  await toggle(device, 1);
  handleCalls.clear();
  // As Node-RED hands over messages.
  const verdicts = Array.from({ length: BURST }, async (_, index) => {
    await new Promise((resolve) => setImmediate(resolve));
    return device.toggle({ deviceId: `lamp-${index}`, state: true });
  });
  await Promise.all(verdicts);
  device.close();
  return ['writeBuffer', 'writev'].reduce((sum, name) => sum + (handleCalls.get(name) ?? 0), 0) / BURST;
}

async function report(): Promise<CostReport> {
  await countHandleCalls();
  const costs = {
    'per-toggle': await costOf('per-toggle'),
    persistent: await costOf('persistent'),
    'persistent with metrics': await costOf('persistent with metrics'),
  };
  return { costs, writesInBurst: await writesInBurst() };
}

void report().then((costs) => process.send?.(costs));
