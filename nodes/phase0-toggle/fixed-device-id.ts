/** The device id of all messages, where the settings alone decide it. */
import type { Settings } from '../../src/settings/field';
import type { Node, NodeApi } from '../red';
import { textOf } from '../unsafe-values';
import type { fields } from './settings';

/** Reads it, given the id of the device; undefined if each message names its own. */
export type FixedDeviceId = (idOfDevice: string | undefined) => string | undefined;

export function fixedDeviceId(RED: NodeApi, node: Node, settings: Settings<typeof fields> | undefined): FixedDeviceId {
  const { deviceId = '', deviceIdType = 'device' } = settings ?? {};
  if (deviceIdType === 'device') return (idOfDevice) => idOfDevice;
  if (deviceIdType === 'str') return () => deviceId.trim();
  if (deviceIdType !== 'env') return () => undefined;
  // A variable keeps its value while the node lives, such as that of a subflow instance.
  let value: unknown;
  RED.util.evaluateNodeProperty(deviceId, deviceIdType, node, {}, (_error, found) => (value = found));
  return () => textOf(value);
}
