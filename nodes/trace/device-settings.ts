/** Settings of one device as they hold now, whether they come from a flow, a file or the environment. */
import type { DeviceAnswer } from '../../src/trace/answers';
import { shownSettings } from '../../src/trace/shown-settings';
import type { NodeApi } from '../red';
import { traceRecorder } from '../trace';
import { ownerOf } from './owner';

/** Undefined if there is no such device. */
export function answerDevice(RED: NodeApi, key: string): DeviceAnswer | undefined {
  const traced = traceRecorder(RED)?.device(key);
  const node = traced && ownerOf(RED, traced.nodeId);
  if (!node) return undefined;
  const settings = node.settingsOf?.(traced.deviceId);
  return settings ? { settings: shownSettings(settings) } : {};
}
