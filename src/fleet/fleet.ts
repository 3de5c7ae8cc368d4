/** A fleet of workers, with the face of a device: what asks for toggles, and gets their verdicts back. */
import { systemClock, type Clock } from '../clock';
import { KnownStates } from '../device/known-states';
import { readCommand, type ToggleCommand, type ValidCommand } from '../device/toggle-command';
import { reportDropped } from '../device/report-dropped';
import type { ToggleOptions } from '../device/toggles';
import { composeObservers, type ComposedObserver } from '../composed-observer';
import type { StopReason } from '../outcomes';
import { errorText } from '../printable';
import type { FleetSettings } from '../settings/fleet';
import type { TlsOptions } from '../transport/tls';
import type { Dropped, Verdict } from '../verdict';
import { readBrokerUrl } from './amqp/address';
import type { ConnectBroker } from './amqp/broker';
import { connectRabbit } from './amqp/rabbit';
import { routingProblem } from './command-message';
import { RequesterConnection, type FleetState } from './requester-connection';
import { Requests } from './requests';

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
  private readonly connection: RequesterConnection;
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
    // Before anything is made: it throws.
    const broker = readBrokerUrl(options.url, options.tls);
    this.states = new KnownStates(this.clock, this.observer, onStateStoreError, options.stateStore);
    const { maxInFlight, connectTimeoutMs } = settings;
    this.requests = new Requests({ clock: this.clock, settings, send: (command) => this.connection.send(command) });
    this.connection = new RequesterConnection({
      address: { ...broker, connectTimeoutMs, connectionName: 'phase0-fleet' },
      connect,
      clock: this.clock,
      maxWaiting: 2 * maxInFlight,
      onState: options.onState,
      ready: () => this.requests.ready(),
      notReady: () => this.requests.notReady(),
      verdict: (verdict) => this.requests.settle(verdict),
    });
  }

  /** Whether commands can be sent at once. */
  get isConnected(): boolean {
    return this.connection.isReady;
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
    const { deviceId, msgId, state, requester, requestId } = read;
    const asked = { deviceId, msgId, requester, requestId, ...(typeof state === 'boolean' && { state }) };
    const drop = (reason: Dropped['reason'], error: string) => Promise.resolve(this.drop({ reason, error, ...asked }));
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
      this.disconnected = this.connection.close();
    }
    return this.disconnected;
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
}

function warn(error: unknown): void {
  process.emitWarning(errorText(error));
}
