/** A deployed toggle node: its settings, its target, its status, and the messages that it works on. */
import { systemClock } from '../../src/clock';
import type { Settings } from '../../src/settings/field';
import type { Verdict, VerdictWords } from '../../src/verdict';
import { ChosenTarget } from '../chosen-target';
import type { ErrorMode } from '../delivery';
import { GuardedNode } from '../guarded-node';
import { deployedDevice, type DeployedDevice } from '../phase0-device/device-node';
import type { Config, Done, Message, Node, NodeApi, Send } from '../red';
import { expressionProblems } from '../property';
import { parseSaved } from '../saved';
import { StatusLine } from '../status-line';
import { unregister } from '../target-node';
import { propertyOf } from '../unsafe-values';
import type { rememberedVerdictWords } from '../verdict-words';
import { CommandReader } from './command-reader';
import { fixedDeviceId, type FixedDeviceId } from './fixed-device-id';
import { Requests, type RequestsDeps } from './requests';
import { deviceIdProblem, fields, meant, migrations } from './settings';
import { ToggleStatus, type ToggleStatusDeps } from './toggle-status';

/** What its parts depend on is here: closures for each of them would take as much memory as all else. */
export class DeployedToggle implements ToggleStatusDeps, RequestsDeps {
  readonly guarded: GuardedNode;
  readonly line: StatusLine;
  readonly target: ChosenTarget;
  readonly followed: DeployedDevice;
  readonly reader: CommandReader | undefined;
  readonly errors: ErrorMode;
  readonly status: ToggleStatus;
  /** Where in a message it looks for the state, if it does. */
  readonly stateProperty: string | undefined;
  private readonly requests: Requests;
  private readonly fixedId: FixedDeviceId;

  constructor(
    RED: NodeApi,
    private readonly node: Node,
    config: Config,
    private readonly verdictWords: ReturnType<typeof rememberedVerdictWords>,
  ) {
    const { settings, reader, problems } = ownSettings(RED, node, config);
    this.guarded = new GuardedNode(node);
    this.line = new StatusLine(this.guarded, systemClock);
    this.target = new ChosenTarget(RED, node, settings?.target ?? 'device', config, problems);
    this.followed = deployedDevice(this.target.id);
    this.reader = reader;
    this.errors = settings?.errors ?? 'auto';
    this.stateProperty = settings?.stateType === 'msg' ? settings.state : undefined;
    this.fixedId = fixedDeviceId(RED, node, settings);
    this.status = new ToggleStatus(this);
    this.requests = new Requests(node, this);
    if (problems.length > 0) this.guarded.error(problems.join('; '));
    else this.followed.follow(this.status);
    this.target.whenReady(() => this.status.start());
    this.target.follow(() => this.status.tableRead());
  }

  get isIdle(): boolean {
    return this.requests.idle;
  }

  ownDeviceId(): string | undefined {
    return this.fixedId(this.target.node()?.deviceId);
  }

  words(verdict: Verdict): VerdictWords {
    return this.verdictWords(verdict, this.target.node()?.addressOf(verdict.deviceId));
  }

  input(msg: Message, send: Send, done: Done): void {
    if (propertyOf(msg, 'reset') === true) this.requests.stop('cancelled');
    else if (!this.target.reloadsBy(msg)) return this.requests.handle(msg, send, done);
    this.guarded.done(done);
  }

  /** Resolves when every message has its verdict; never rejects. */
  async close(): Promise<void> {
    this.target.unfollow();
    this.followed.unfollow(this.status);
    await this.requests.close();
    this.line.close();
    const target = this.target.node();
    if (target) unregister(target, this.node.id);
  }
}

interface OwnSettings {
  readonly settings?: Settings<typeof fields>;
  readonly reader?: CommandReader;
  readonly problems: readonly string[];
}

function ownSettings(RED: NodeApi, node: Node, config: Config): OwnSettings {
  const parsed = parseSaved(fields, migrations, { ...meant(config), ...config });
  if (!parsed.ok) return { problems: parsed.problems };
  const { settings } = parsed;
  const problem = deviceIdProblem(settings.target, settings.deviceIdType);
  if (problem !== undefined) return { settings, problems: [problem] };
  const problems = expressionProblems(RED, node, settings, ['state', 'deviceId', 'msgId']);
  return problems.length > 0
    ? { settings, problems }
    : { settings, reader: new CommandReader(RED, node, settings), problems: [] };
}
