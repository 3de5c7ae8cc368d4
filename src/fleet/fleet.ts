/** A fleet of workers, with the face of a device: what asks for toggles, and gets their verdicts back. */
import { callSafely } from '../call-safely';
import { systemClock, type Clock } from '../clock';
import { KnownStates } from '../device/known-states';
import { readCommand, type ToggleCommand, type ValidCommand } from '../device/toggle-command';
import { reportDropped } from '../device/report-dropped';
import type { ToggleOptions } from '../device/toggles';
import { composeObservers, type ComposedObserver } from '../observer';
import type { StopReason } from '../outcomes';
import { errorText } from '../printable';
import { newMsgId } from '../protocol/toggle';
import type { FleetSettings } from '../settings/fleet';
import type { TlsOptions } from '../transport/tls';
import type { Dropped, Verdict } from '../verdict';
import { readBrokerUrl, type BrokerAddress } from './amqp/address';
import {
  BrokerError,
  type BrokerChannel,
  type BrokerConnection,
  type ConnectBroker,
  type PublishResult,
} from './amqp/broker';
import { KeptChannel } from './amqp/kept-channel';
import { connectRabbit } from './amqp/rabbit';
import { encodeCommand, routingProblem, type FleetCommand } from './command-message';
import { KnownProblems } from './known-problems';
import { Requests } from './requests';
import { COMMANDS, RESULTS } from './topology';
import { decodeVerdict } from './verdict-message';

/** How a requester stands with its broker. */
export type FleetState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'connected' }
  /** It goes on trying. `error` has no secret in it. */
  | { readonly kind: 'disconnected'; readonly error: string };

export interface FleetOptions extends Omit<ToggleOptions, 'random'> {
  /** `amqp://user:password@host:port/vhost`, or `amqps://…`; it is a secret, and appears in no error. */
  readonly url: string;
  /** Only with `amqps`; certificates are verified by those of Node.js if absent. */
  readonly tls?: TlsOptions;
  /** Receives each change; the first one is `connecting`. A loss is one, and then each reason that it did not have yet. */
  readonly onState?: (state: FleetState) => void;
  /** Milliseconds since 1970, which a command carries; `Date.now` by default. */
  readonly unixTimeMs?: () => number;
  /**
   * Connects to the broker, for tests.
   * @internal
   */
  readonly connect?: ConnectBroker;
}

/** A reply queue whose requester does not come back goes after this time. */
const REPLY_EXPIRES_MS = 300_000;
/** Verdicts that are read ahead. */
const PREFETCH = 200;
/** What may have a problem. */
const BROKER = 'broker';

/**
 * Devices that workers switch, with the face of a single {@link Device}: every toggle gets exactly one verdict. Connects at
 * once, and again whenever the connection is lost.
 */
export class Fleet {
  private readonly clock: Clock;
  private readonly observer: ComposedObserver;
  private readonly onObserverError: (error: unknown) => void;
  private readonly states: KnownStates;
  private readonly requests: Requests;
  private readonly replyQueue = `phase0.reply.${newMsgId()}`;
  private readonly connection: Promise<BrokerConnection>;
  private readonly kept: KeptChannel;
  private state: FleetState | undefined;
  private readonly problems = new KnownProblems();
  /** Whether the broker can be reached; a channel may fail all the same. */
  private isReached = false;
  private isClosed = false;
  private disconnected: Promise<void> | undefined;

  /** Throws BrokerUrlError, or what is wrong with the TLS options. */
  constructor(
    readonly settings: FleetSettings,
    private readonly options: FleetOptions,
  ) {
    const { connect = connectRabbit, onObserverError = warn, onStateStoreError = warn } = options;
    this.clock = options.clock ?? systemClock;
    this.onObserverError = onObserverError;
    this.observer = composeObservers(options.observers ?? [], onObserverError);
    const address: BrokerAddress = {
      ...readBrokerUrl(options.url, options.tls),
      connectTimeoutMs: settings.connectTimeoutMs,
      connectionName: 'phase0-fleet',
    };
    this.states = new KnownStates(this.clock, {
      store: options.stateStore,
      onChange: (deviceId, state, isRestored) => this.observer.confirmedState(deviceId, state, isRestored),
      onError: onStateStoreError,
    });
    this.requests = new Requests({ clock: this.clock, settings, send: (command) => this.send(command) });
    this.changeState({ kind: 'connecting' });
    this.connection = connect(address, {
      connected: () => {
        this.isReached = true;
      },
      lost: (error) => {
        this.isReached = false;
        this.changeState({ kind: 'disconnected', error });
      },
    });
    this.connection.catch((error: unknown) => this.changeState({ kind: 'disconnected', error: errorText(error) }));
    this.kept = new KeptChannel({
      clock: this.clock,
      open: async () => (await this.connection).openChannel(),
      prepare: (channel) => this.prepare(channel),
      opened: () => {
        this.requests.ready();
        this.changeState({ kind: 'connected' });
      },
      closed: () => this.requests.notReady(),
      failed: (error) => this.failed(error),
    });
    this.kept.start();
  }

  /** Whether commands can be sent at once. */
  get isConnected(): boolean {
    return this.kept.current !== undefined;
  }

  /** Toggles without a verdict. */
  get inFlight(): number {
    return this.requests.count;
  }

  /** The last confirmed state of a device id, as this requester knows it; undefined while unknown. */
  knownState(deviceId: string): boolean | undefined {
    return this.states.get(deviceId);
  }

  /** Switches the device with the id of the command, after the toggles that were requested before it for that id. */
  toggle(command: ToggleCommand): Promise<Verdict> {
    const read = readCommand(command, { deviceId: '', newMsgId: this.options.newMsgId });
    const { deviceId, msgId, requester, requestId } = read;
    const drop = (reason: Dropped['reason'], error: string) =>
      Promise.resolve(this.drop({ reason, error, deviceId, msgId, requester, requestId }));
    if (this.isClosed) return drop('closed', 'the fleet has been closed');
    if (!read.valid) return drop(read.reason, read.error);
    const problem = routingProblem(deviceId);
    return problem === undefined ? this.request(read) : drop('invalid_settings', problem);
  }

  /**
   * The verdict on a toggle that cannot be attempted, reported to the observers like any other.
   * @internal
   */
  drop(dropped: Dropped): Verdict {
    return reportDropped([this.observer], dropped);
  }

  /** Ends the toggles without a verdict; with `requester`, only those of that one. A worker may still switch what was sent. */
  stop(reason: StopReason, requester?: string): void {
    this.requests.stop(reason, requester);
  }

  /** Does nothing: the connection to the broker stays. */
  closeIdle(): void {}

  /** Ends every toggle as `closed`, and the connection. Later toggles are dropped, and closing again does nothing. */
  close(): Promise<void> {
    if (!this.disconnected) {
      this.isClosed = true;
      this.requests.stop('closed');
      this.states.close();
      this.disconnected = this.disconnect();
    }
    return this.disconnected;
  }

  private async disconnect(): Promise<void> {
    await this.kept.current?.deleteQueue(this.replyQueue).catch(() => undefined);
    await this.kept.stop();
    const connection = await this.connection.catch(() => undefined);
    await connection?.close();
  }

  private request({ state, deviceId, msgId, requester, requestId, observer }: ValidCommand): Promise<Verdict> {
    const { unixTimeMs = Date.now } = this.options;
    this.observer.asked?.({ deviceId, msgId, requester, requestId });
    const observers = observer ? composeObservers([this.observer, observer], this.onObserverError) : this.observer;
    return new Promise((resolve) => {
      this.requests.add({
        command: { deviceId, msgId, state, sentAt: unixTimeMs() },
        requester,
        resolve: (verdict) => {
          this.states.record(verdict);
          observers.verdict(verdict);
          resolve(verdict);
        },
      });
    });
  }

  private async prepare(channel: BrokerChannel): Promise<void> {
    await channel.confirmPublishing();
    // It outlives a connection that is lost, and the broker: verdicts that come meanwhile are not lost.
    await channel.declareQueue({
      queue: this.replyQueue,
      durable: true,
      arguments: { 'x-expires': REPLY_EXPIRES_MS, 'x-max-length': 2 * this.settings.maxInFlight },
    });
    await channel.bind({ exchange: RESULTS, queue: this.replyQueue, routingKey: this.replyQueue });
    await channel.consume(this.replyQueue, PREFETCH, ({ body, deliveryTag }) => {
      channel.acknowledge(deliveryTag);
      const verdict = decodeVerdict(body);
      if (verdict) this.requests.settle(verdict);
    });
  }

  private send(command: FleetCommand): Promise<PublishResult> | undefined {
    return this.kept.current?.publish({
      exchange: COMMANDS,
      routingKey: command.deviceId,
      body: encodeCommand(command),
      messageId: command.msgId,
      replyTo: this.replyQueue,
      mandatory: true,
    });
  }

  private failed(error: unknown): void {
    const code = error instanceof BrokerError ? error.code : '';
    // Without a connection, the loss was reported.
    if (!this.isReached || code === 'CLOSED') return;
    const hint = code === 'NOT_FOUND' ? ' (phase0-worker --setup creates it)' : '';
    this.changeState({ kind: 'disconnected', error: errorText(error) + hint });
  }

  private changeState(state: FleetState): void {
    if (this.isClosed || !this.isChange(state)) return;
    this.state = state;
    callSafely(() => this.options.onState?.(state), warn);
  }

  /** It is disconnected again and again, for one reason or for several by turns. */
  private isChange(state: FleetState): boolean {
    if (state.kind === 'disconnected') return this.problems.add(BROKER, state.error);
    this.problems.end(BROKER);
    return state.kind !== this.state?.kind;
  }
}

function warn(error: unknown): void {
  process.emitWarning(errorText(error));
}
