/** The device id of all messages, where the settings alone decide it. */
import type { Settings } from '../../src/settings/field';
import type { Node, NodeApi } from '../red';
import { textOf } from '../unsafe-values';
import type { fields } from './settings';

/** Reads it, given the id of the device; undefined if each message names its own. */
export type FixedDeviceId = (idOfDevice: string | undefined) => string | undefined;

export function fixedDeviceId(RED: NodeApi, node: Node, settings: Settings<typeof fields> | undefined): FixedDeviceId {
  const { deviceId = '', deviceIdType = 'device' } = settings ?? {};
  if (deviceIdType === 'device') return ofDevice;
  if (deviceIdType === 'str') return always(deviceId.trim());
  // A variable keeps its value while the node lives, such as that of a subflow instance.
  if (deviceIdType === 'env') return always(textOf(variable(RED, node, deviceId)));
  return ofMessage;
}

const ofDevice: FixedDeviceId = (idOfDevice) => idOfDevice;
const ofMessage: FixedDeviceId = () => undefined;
const always =
  (deviceId: string): FixedDeviceId =>
  () =>
    deviceId;

function variable(RED: NodeApi, node: Node, name: string): unknown {
  let value: unknown;
  RED.util.evaluateNodeProperty(name, 'env', node, {}, (_error, found) => (value = found));
  return value;
}
