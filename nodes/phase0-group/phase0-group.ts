/** The phase0-group node: settings → groups → outputs → close. */
import { systemClock } from '../../src/clock';
import type { Settings } from '../../src/settings/field';
import { describeVerdict, type Verdict } from '../../src/verdict';
import { ChosenTarget } from '../chosen-target';
import { GuardedNode } from '../guarded-node';
import { metrics } from '../metrics';
import { expressionProblems } from '../property';
import type { Config, Node, NodeApi } from '../red';
import { forgetRemoved } from '../removed-nodes';
import { parseSaved } from '../saved';
import { settingStatus } from '../setting-status';
import { StatusLine } from '../status-line';
import { watchStops } from '../stopping-flows';
import { unregister } from '../target-node';
import { propertyOf } from '../unsafe-values';
import { rememberedVerdictWords } from '../verdict-words';
import { groupReader, type ReadGroup } from './group-reader';
import { Groups } from './groups';
import { firstUnconfirmed, type Ended } from './message';
import { fields, meant, migrations } from './settings';
import { endedStatus, progressStatus } from './status';

/** Those that have been deployed, and may have metrics. */
const deployed = new Set<string>();

export = function register(RED: NodeApi): void {
  const verdictWords = rememberedVerdictWords(RED);

  function createGroup(this: Node, config: Config): void {
    RED.nodes.createNode(this, config);
    const guarded = new GuardedNode(this);
    const line = new StatusLine(guarded, systemClock);
    const own = ownSettings(RED, this, config);
    const { target: kind = 'inventory', concurrency = 0, staggerMs = 0, stopOnFailure = false } = own.settings ?? {};
    const target = new ChosenTarget(RED, this, kind, config, own.problems);
    const describeMember = (verdict: Verdict) =>
      describeVerdict(verdict, verdictWords(verdict, target.node()?.addressOf(verdict.deviceId)));

    /** In English: what is wrong with a message is in no other language. */
    const problemStatus = (problem: string) => {
      const problems = target.problems();
      return settingStatus(problems.length > 0 ? problems : [problem]);
    };

    const groups = new Groups(this, {
      guarded,
      target,
      read: own.read,
      concurrency,
      staggerMs,
      stopOnFailure,
      describe(ended: Ended) {
        const { confirmed, total } = ended.verdict;
        const first = firstUnconfirmed(ended);
        if (first) return RED._('phase0-group.error.notAll', { confirmed, total, first: describeMember(first) });
        return total > 0
          ? RED._('phase0-group.error.all', { total })
          : (ended.problem ?? RED._('phase0-group.error.noMembers'));
      },
      progress: (done, total) => line.set(() => progressStatus(done, total)),
      ended(ended, isIdle) {
        if (isIdle) line.set(() => (ended.problem === undefined ? endedStatus(ended) : problemStatus(ended.problem)));
      },
    });

    deployed.add(this.id);
    metrics.groupStarted(this.id);
    if (own.problems.length > 0) guarded.error(own.problems.join('; '));
    let isTroubled = false;
    /** What the inventory has read is shown while nothing else is. */
    const showReading = () => {
      const trouble = groups.idle ? target.trouble() : undefined;
      if (trouble) line.set(() => trouble);
      else if (isTroubled && groups.idle) line.set(() => target.mended());
      isTroubled = trouble !== undefined;
    };
    target.whenReady(showReading);
    target.follow(showReading);

    this.on('input', (msg, send, done) => {
      if (propertyOf(msg, 'reset') === true) groups.stop('cancelled');
      else if (!target.reloadsBy(msg)) return groups.handle(msg, send, done);
      guarded.done(done);
    });
    this.on('close', (removed, done) => {
      target.unfollow();
      void groups.close().then(() => {
        line.close();
        const node = target.node();
        if (node) unregister(node, this.id);
        if (removed) forget(this.id);
        done();
      });
    });
  }
  RED.nodes.registerType('phase0-group', createGroup);
  watchStops(RED);
  forgetRemoved(RED, deployed, forget);
};

function forget(id: string): void {
  deployed.delete(id);
  metrics.forget(id);
}

interface OwnSettings {
  readonly settings?: Settings<typeof fields>;
  readonly read?: ReadGroup;
  readonly problems: readonly string[];
}

function ownSettings(RED: NodeApi, node: Node, config: Config): OwnSettings {
  const parsed = parseSaved(fields, migrations, { ...meant(config), ...config });
  if (!parsed.ok) return { problems: parsed.problems };
  const { settings } = parsed;
  const problems = expressionProblems(RED, node, settings, ['members', 'state']);
  return problems.length > 0
    ? { settings, problems }
    : { settings, read: groupReader(RED, node, settings), problems: [] };
}
