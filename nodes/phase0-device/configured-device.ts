/** What the settings of a device node say of its device, as far as they are right. */
import type { Address } from '../../src/causes';
import { Device } from '../../src/device/device';
import type { Observer } from '../../src/observer';
import type { Settings } from '../../src/settings/field';
import type { TracedSettings, TraceOwner } from '../../src/trace/trace-owner';
import type { TlsOptions } from '../../src/transport/tls';
import type { fields } from './settings';

/** A class, because there are thousands of device nodes: its methods are shared, closures would not be. */
export class ConfiguredDevice implements TraceOwner {
  /** Absent when one of them is wrong. */
  settings: Settings<typeof fields> | undefined;
  /** Absent without TLS. */
  tls: TlsOptions | undefined;
  /** What is wrong. */
  problem: string | undefined;

  constructor(
    readonly nodeId: string,
    private readonly deviceId: string,
  ) {}

  get nodeType(): 'phase0-device' {
    return 'phase0-device';
  }

  get deviceIds(): readonly string[] {
    return this.deviceId === '' ? [] : [this.deviceId];
  }

  get isComplete(): boolean {
    return false;
  }

  /** For the packet trace. */
  settingsOf(): TracedSettings {
    const { settings, tls, problem } = this;
    if (!settings) return problem === undefined ? {} : { problem };
    const { name, host, port, reply } = settings;
    if (problem !== undefined) return { name, problem };
    return { name, address: { host, port, tls: tls !== undefined }, reply };
  }

  get address(): Address | undefined {
    return this.settings && { host: this.settings.host, port: this.settings.port };
  }

  /** The settings that hold; undefined when a device could not be made of them. */
  get valid(): Settings<typeof fields> | undefined {
    return this.problem === undefined ? this.settings : undefined;
  }

  /** A device of its own with these settings, for another id. Throws when certificates are wrong. */
  testDevice(deviceId: string, observers: readonly Observer[]): Device | undefined {
    const { valid, tls } = this;
    return valid && new Device({ ...valid, deviceId }, { ...(tls && { tls }), observers });
  }
}
