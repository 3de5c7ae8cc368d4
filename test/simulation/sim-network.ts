/** The simulated network: makes connections between the core and the simulated devices, or fails to. */
import type { LookupAddress } from 'node:dns';
import type { Connect, SocketFailure } from '../../src/transport/socket';
import { NameLookups } from '../../src/transport/name-lookup';
import { seededRandom } from '../../src/simulator/seeded-random';
import { planFor } from '../support/fault-schedule';
import type { Journal } from './journal';
import { Pipe, type PipeOptions } from './pipe';
import { RESET, SimSocket } from './sim-socket';
import type { SimDevice } from './sim-device';
import { Draw } from './draw';
import type { ConnectChances, EndpointPlan, World } from './world';
import type { VirtualTime } from './virtual-time';

const REFUSED: SocketFailure = { error: 'connect ECONNREFUSED', cause: 'port_refused' };
const UNKNOWN_HOST: SocketFailure = { error: 'getaddrinfo ENOTFOUND', cause: 'host_unknown' };
const UNTRUSTED: SocketFailure = { error: 'not trusted', cause: 'tls_untrusted', nonRetryable: true };

const SLOW_CONNECT_MS = 1500;

export interface NetworkDeps {
  readonly world: World;
  readonly time: VirtualTime;
  readonly journal: Journal;
  readonly devices: readonly SimDevice[];
}

/** Who hears what the core does with its sockets. */
export interface SocketWatcher {
  opened(socket: SimSocket): void;
  wrote(socket: SimSocket, packet: Uint8Array): void;
  closedInOrder(socket: SimSocket): void;
}

export class SimNetwork {
  /** Sockets that are not freed. */
  readonly open = new Set<SimSocket>();
  /** No faults from now on, except those that a connection already has. */
  isQuiet = false;
  private count = 0;
  private lookupCount = 0;
  private readonly lookups: NameLookups;
  private readonly pipes: PipeOptions;

  constructor(private readonly deps: NetworkDeps) {
    const resolve = (name: string, callback: (error: Error | null, addresses: LookupAddress[]) => void): void =>
      this.resolve(name, callback);
    const unknown = async (): Promise<LookupAddress[]> => Promise.reject(new Error('no DNS server'));
    this.pipes = {
      time: deps.time,
      latencyMs: deps.world.latencyMs,
      isQuiet: () => this.isQuiet,
      round: (ms) => this.round(ms),
    };
    this.lookups = new NameLookups(resolve, unknown, deps.time.newClock());
  }

  connectFor(watcher: SocketWatcher): Connect {
    return ({ host, port, staysOpen = false }, events) => {
      const { time, journal, world, devices } = this.deps;
      this.count += 1;
      const number = this.count;
      const who = `connection ${number}`;
      const endpoint = world.endpoints.findIndex((each) => each.port === port);
      const device = devices[endpoint];
      const plan = world.endpoints[endpoint];
      if (!device || !plan) throw new Error(`nothing at ${host}:${port}`);
      let cut: () => void = () => undefined;
      const socket: SimSocket = new SimSocket({
        number,
        staysOpen,
        time,
        capacity: () => (this.isQuiet ? Infinity : plan.capacity),
        events,
        onWrite: (packet) => watcher.wrote(socket, packet),
        onEnding: (how) => {
          journal.note(who, how);
          if (how === 'freed') this.open.delete(socket);
          if (how === 'end') watcher.closedInOrder(socket);
          else cut();
        },
      });
      this.open.add(socket);
      journal.note(who, 'opens to', `${host}:${port}`);
      watcher.opened(socket);
      const draw = new Draw(seededRandom(Math.imul(world.seed, 0x85ebca6b) + number));
      const accept = () => {
        cut = this.accept(socket, number, device, plan.isSecure);
      };
      const { isSecure } = plan;
      if (/^[\d.]+$/.test(host)) this.dial(socket, draw, { ...plan.connect, isSecure }, accept);
      else {
        socket.step = 'lookup';
        this.lookups.lookUp(host, (error) => {
          if (socket.isFreed) return;
          if (error) return socket.broken(UNKNOWN_HOST);
          socket.step = 'connect';
          this.dial(socket, draw, { ...plan.connect, isSecure }, accept);
        });
      }
      return socket;
    };
  }

  private dial(
    socket: SimSocket,
    draw: Draw,
    chances: ConnectChances & Pick<EndpointPlan, 'isSecure'>,
    accept: () => void,
  ): void {
    const { time, world } = this.deps;
    const happens = (chance: number) => draw.chance(chance) && !this.isQuiet;
    const fate = {
      refuse: happens(chances.refuse),
      silent: happens(chances.silent),
      slow: happens(chances.slow),
      reset: happens(chances.reset),
      handshake: happens(chances.handshake),
      untrusted: happens(chances.untrusted),
    };
    const waitMs = this.round(world.latencyMs * draw.between(1, 3) + (fate.slow ? draw.random() * SLOW_CONNECT_MS : 0));
    if (fate.silent) return;
    time.world(waitMs, () => {
      if (socket.isFreed || socket.ending !== 'none') return;
      if (fate.handshake) socket.step = 'handshake';
      else if (fate.refuse) socket.broken(REFUSED);
      else if (fate.untrusted) socket.broken(UNTRUSTED);
      else if (fate.reset) socket.broken(RESET);
      else if (chances.isSecure) this.shakeHands(socket, accept);
      else accept();
    });
  }

  private shakeHands(socket: SimSocket, accept: () => void): void {
    const { time, world } = this.deps;
    socket.step = 'handshake';
    time.world(this.round(2 * world.latencyMs), () => {
      if (!socket.isFreed && socket.ending === 'none') accept();
    });
  }

  /** Returns what cuts the connection. */
  private accept(socket: SimSocket, number: number, device: SimDevice, isSecure: boolean): () => void {
    const { world } = this.deps;
    const { pipes } = this;
    const answer = device.answersConnect();
    if (answer === 'refuses') socket.broken(REFUSED);
    if (answer !== 'accepts') return () => undefined;
    const plan = planFor(world.seed, number, this.isQuiet ? {} : world.faults);
    const cut = () => {
      up.cut();
      down.cut();
      peer.aborted();
    };
    const reset = () => {
      cut();
      socket.broken(RESET);
    };
    const down = new Pipe(
      pipes,
      { ...plan.down, isSecure },
      {
        data: (bytes) => socket.received(bytes),
        fin: () => socket.finReceived(),
        reset,
      },
    );
    const peer = device.accept({
      number,
      send: (bytes) => down.push(bytes),
      fin: () => down.fin(),
      reset,
      hasRead: (bytes) => socket.drained(bytes),
    });
    const up = new Pipe(
      pipes,
      { ...plan.up, isSecure },
      {
        data: (bytes) => peer.received(bytes),
        fin: () => peer.finReceived(),
        reset,
      },
    );
    socket.up = up;
    socket.connected(peer.earlyGreeting());
    return cut;
  }

  private resolve(name: string, callback: (error: Error | null, addresses: LookupAddress[]) => void): void {
    const { world, time } = this.deps;
    this.lookupCount += 1;
    const draw = new Draw(seededRandom(Math.imul(world.seed, 0x27d4eb2f) + this.lookupCount));
    const chances = world.endpoints.find(({ host }) => host === name)?.connect;
    const fails = draw.chance(chances?.lookupFails ?? 0) && !this.isQuiet;
    const isSilent = draw.chance(chances?.lookupSilent ?? 0) && !this.isQuiet;
    // The resolver of a system gives up in the end.
    const waitMs = this.round(isSilent ? 5000 : draw.between(0, 20));
    time.world(waitMs, () => {
      if (fails || isSilent) callback(Object.assign(new Error(UNKNOWN_HOST.error), { code: 'ENOTFOUND' }), []);
      else callback(null, [{ address: '10.0.0.1', family: 4 }]);
    });
  }

  private round(ms: number): number {
    return this.deps.world.isCoarse ? Math.ceil(ms) : ms;
  }
}
