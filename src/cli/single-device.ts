/** The device that the options of phase0-toggle describe, and what it is asked for. */
import { Device } from '../device/device';
import type { Observer } from '../observer';
import { deviceFields, deviceIdField } from '../settings/device';
import { parseSettings, problemWith } from '../settings/field';
import type { TlsOptions } from '../transport/tls';
import { describeVerdict, englishWords, type Verdict } from '../verdict';
import { UsageError } from './cli-context';
import { deviceIdsFrom, runLoad, type Load } from './load';
import type { Plan, PlanDeps, Values } from './plan';
import { tlsFilesOf } from './tls-files';

/** Throws UsageError. */
export function singleDevice(values: Values, { context, metrics, observers }: PlanDeps): Plan {
  if (values.tag !== '' || values.all) throw new UsageError(`--${values.all ? 'all' : 'tag'} needs --inventory`);
  const load = loadFrom(values);
  const device = deviceFrom(values, [metrics.observer(context.name), ...observers]);
  let last: Verdict | undefined;
  return {
    total: load.repeat,
    run(onVerdict) {
      const noted = (verdict: Verdict): void => {
        last = verdict;
        onVerdict(verdict);
      };
      return runLoad(device, load, noted, () => context.ready());
    },
    stop: () => device.stop('cancelled'),
    close: () => device.close(),
    replyOf: () => device.settings.reply,
    // Of many toggles, the table says how many failed.
    failures: () =>
      load.repeat === 1 && last && last.outcome !== 'confirmed'
        ? [describeVerdict(last, englishWords(last, values))]
        : [],
  };
}

function loadFrom({ deviceId, repeat, state, ...values }: Values): Load {
  const concurrency = Math.min(values.concurrency, repeat);
  const deviceIds = deviceIdsFrom(deviceId, values.ids || concurrency);
  const problem = problemWith('--device-id with its number', deviceIdField, deviceIds.at(-1));
  if (problem) throw new UsageError(problem);
  return { repeat, concurrency, deviceIds, state };
}

function deviceFrom(values: Values, observers: readonly Observer[]): Device {
  const tls = tlsFrom(values);
  const parsed = parseSettings(deviceFields, values);
  if (!parsed.ok) throw new UsageError(parsed.problems.join('; '));
  try {
    return new Device(parsed.settings, { observers, ...(tls && { tls }) });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function tlsFrom(values: Values): TlsOptions | undefined {
  if (values.tls) return tlsFilesOf(values);
  const { ca, cert, key, servername, insecure } = values;
  // TLS options without --tls would silently send plain text.
  const [stray] = Object.entries({ ca, cert, key, servername, insecure }).find(([, value]) => value) ?? [];
  if (stray) throw new UsageError(`--${stray} needs --tls`);
  return undefined;
}
