/** Devices with short deadlines, and scripted peers for them; both live for one test. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { Device, type DeviceOptions } from '../../src/device/device';
import { parseSettings } from '../../src/settings/field';
import type { DecodeErrorEvent, PacketEvent } from '../../src/observer';
import { deviceFields } from '../../src/settings/device';
import { uniqueDeviceId } from './fixtures';
import { listen } from './loopback';

const HOST = '127.0.0.1';
const devices: Device[] = [];

/** A device on loopback, with the events that it reported. */
export function deviceAt(port: number, settings: object = {}, options: DeviceOptions = {}) {
  const parsed = parseSettings(deviceFields, {
    deviceId: uniqueDeviceId(),
    host: HOST,
    port,
    backoffBaseMs: 1,
    jitterMs: 0,
    ioTimeoutMs: 150,
    connectTimeoutMs: 150,
    ...settings,
  });
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.problems.join());
  const packets: PacketEvent[] = [];
  const decodeErrors: DecodeErrorEvent['reason'][] = [];
  const states: string[] = [];
  const observer = {
    packet: (event: PacketEvent) => packets.push(event),
    decodeError: ({ reason }: DecodeErrorEvent) => decodeErrors.push(reason),
    connectionState: (deviceId: string, state: string) => states.push(`${deviceId} ${state}`),
  };
  const device = new Device(parsed.settings, { ...options, observers: [observer] });
  devices.push(device);
  return { device, packets, decodeErrors, states };
}

afterEach(() => {
  for (const device of devices.splice(0)) device.close();
});

/** A frame made without our encoder. */
export const frame = (json: string): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(json));
  return Buffer.concat([Buffer.from([0xf0, 0x0d, 1]), length, Buffer.from(json)]);
};

/** A device of our own making: calls `answer` with the msg_id of each request. */
export async function scripted(answer: (socket: Socket, msgId: string) => void): Promise<number> {
  const { port } = await listen((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (request) => answer(socket, JSON.parse(request.subarray(7).toString()).msg_id as string));
  });
  return port;
}
