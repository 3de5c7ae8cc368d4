/** The transport that the settings of a device choose. */
import type { DeviceSettings } from '../settings/device';
import type { Addresses } from '../transport/connection-turns';
import { guardedConnect } from '../transport/guarded-connect';
import { PersistentTransport } from '../transport/persistent/transport';
import { PerToggleTransport } from '../transport/per-toggle';
import { connectSocket } from '../transport/node-socket';
import type { Connect, Endpoint } from '../transport/socket';
import type { Toggles } from './toggles';

interface ConnectOptions {
  /** Of the user; it may fail in any way. */
  readonly connect?: Connect;
  readonly addresses?: Addresses;
}

export function createTransport(
  settings: DeviceSettings & Endpoint,
  { clock, observer }: Pick<Toggles, 'clock' | 'observer'>,
  options: ConnectOptions,
): PersistentTransport | PerToggleTransport {
  const connect = options.connect ? guardedConnect(options.connect) : connectSocket;
  return settings.connection === 'persistent'
    ? new PersistentTransport(settings, clock, observer, connect)
    : new PerToggleTransport(settings, clock, observer, connect, options.addresses);
}
