/** A transport on fake sockets and a fake clock, and the events that it reports. */
import { StopSignal } from '../../src/stop-signal';
import type { ConnectionState, DecodeErrorEvent, Observer, PacketEvent } from '../../src/observer';
import { encodeToggle } from '../../src/protocol/toggle';
import { PerToggleTransport } from '../../src/transport/per-toggle';
import { PersistentTransport, type PersistentSettings } from '../../src/transport/persistent/transport';
import type { AttemptResult, AttemptSettings, Transport } from '../../src/transport/transport';
import { FakeNetwork, type FakeSocket } from './fake-sockets';
import { fakeClock } from './fixtures';

/** One attempt of the test, with its result once there is one. */
export interface StartedAttempt {
  result: AttemptResult | undefined;
  readonly cancel: () => void;
}

interface StartOptions {
  readonly deviceId?: string;
  readonly state?: boolean;
  readonly signal?: StopSignal;
  readonly settings?: AttemptSettings;
}

export interface TransportScene {
  readonly transport: Transport;
  readonly network: FakeNetwork;
  readonly states: ConnectionState[];
  /** Whether the connection was lost, at each of `states`. */
  readonly lost: boolean[];
  readonly packets: PacketEvent[];
  readonly decodeErrors: DecodeErrorEvent[];
  /** Starts an attempt and lets promises settle. */
  start(msgId: string, options?: StartOptions): Promise<StartedAttempt>;
  socket(number: number): FakeSocket;
  advance(ms: number): Promise<void>;
  readonly pendingTimers: number;
}

let ports = 1;

function scene(
  make: (settings: PersistentSettings, deps: Deps) => Transport,
  options: Options,
  onState?: (deviceId: string, state: ConnectionState) => void,
  onPacket?: (event: PacketEvent) => void,
): TransportScene {
  ports += 1;
  const settings = {
    host: 'device.test',
    // Transports of one address share what they know of it; each scene has its own.
    port: ports,
    deviceId: 'lamp',
    reply: 'auto',
    connectTimeoutMs: 1000,
    ioTimeoutMs: 500,
    ...options,
  } as const;
  // Any time but 0, which would hide a time that is added instead of subtracted.
  const clock = fakeClock(1000);
  const network = new FakeNetwork();
  const states: ConnectionState[] = [];
  const lost: boolean[] = [];
  const packets: PacketEvent[] = [];
  const decodeErrors: DecodeErrorEvent[] = [];
  const observer: Observer = {
    connectionState: (deviceId, state, isLost = false) => {
      states.push(state);
      lost.push(isLost);
      onState?.(deviceId, state);
    },
    packet: (event) => {
      packets.push(event);
      onPacket?.(event);
    },
    decodeError: (event) => void decodeErrors.push(event),
  };
  const transport = make(settings, { clock, network, observer });
  return {
    transport,
    network,
    states,
    lost,
    packets,
    decodeErrors,
    async start(msgId, { deviceId = 'lamp', state = true, signal, settings: own } = {}) {
      const ownSignal = new StopSignal();
      const request = { deviceId, msgId, state };
      const started: StartedAttempt = { result: undefined, cancel: () => ownSignal.stop('cancelled') };
      void transport
        .exchange({
          request,
          packet: encodeToggle(request),
          attempt: 1,
          signal: signal ?? ownSignal,
          ...(own && { settings: own }),
        })
        .then((result) => {
          started.result = result;
        });
      await clock.advance(0);
      return started;
    },
    socket: (number) => network.socket(number),
    advance: (ms) => clock.advance(ms),
    get pendingTimers() {
      return clock.pendingTimers;
    },
  };
}

interface Deps {
  readonly clock: ReturnType<typeof fakeClock>;
  readonly network: FakeNetwork;
  readonly observer: Observer;
}

type Options = Partial<PersistentSettings>;

export function persistentScene(
  options: Options = {},
  onState?: (deviceId: string, state: ConnectionState) => void,
  onPacket?: (event: PacketEvent) => void,
): TransportScene {
  return scene(
    (settings, { clock, observer, network }) => new PersistentTransport(settings, clock, observer, network.connect),
    options,
    onState,
    onPacket,
  );
}

export function perToggleScene(
  options: Options = {},
  onState?: (deviceId: string, state: ConnectionState) => void,
): TransportScene {
  return scene(
    (settings, { clock, observer, network }) => new PerToggleTransport(settings, clock, observer, network.connect),
    options,
    onState,
  );
}

/** A persistent connection that has served one toggle by a frame, so that many can be in flight, and is idle. */
export async function servedScene(...args: Parameters<typeof persistentScene>): Promise<TransportScene> {
  const served = persistentScene(...args);
  await served.start('m0');
  served.socket(1).open();
  await served.advance(0);
  served.socket(1).reply('m0');
  // Time passes, so that what is sent next is sent after this reply.
  await served.advance(1);
  return served;
}
