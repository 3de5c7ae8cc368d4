/** The Prometheus rules and the Grafana dashboard: valid, tested case by case, and with no metrics but ours. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { Metrics } from '../../src/observers/metrics';
import { dashboardQueries, panelOf, type Dashboard, type Panel } from '../support/dashboard';
import { promtool } from '../support/prometheus';
import { requires } from '../support/requirements';

const RULES = 'monitoring/prometheus/phase0.rules.yml';
const CASES = 'test/monitoring/phase0.rules.test.yml';
const FLEET_RULES = 'monitoring/prometheus/phase0-fleet.rules.yml';
const FLEET_CASES = 'test/monitoring/phase0-fleet.rules.test.yml';
const CONFIG = 'monitoring/prometheus/prometheus.yml';
const DASHBOARD = 'monitoring/grafana/phase0.json';

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface AlertCase {
  readonly alertname: string;
  readonly exp_alerts: readonly object[];
}

interface AlertTest {
  readonly alert_rule_test?: readonly AlertCase[];
}

/** What an alert is about, if not a device. */
const ABOUT: Readonly<Record<string, string>> = {
  Phase0MetricsDown: 'instance',
  Phase0WorkerDown: 'instance',
  Phase0WorkerDisconnected: 'instance',
  Phase0PartitionUnconsumed: 'partition',
  Phase0DeadLetters: 'job',
  Phase0VerdictLagHigh: 'job',
};

const read = (file: string): unknown => parse(readFileSync(file, 'utf8'));
const groups = [RULES, FLEET_RULES].flatMap((file) => (read(file) as { groups: { rules: Rule[] }[] }).groups);
const rules = groups.flatMap((group) => group.rules);
const alerts = rules.filter(({ alert }) => alert !== undefined);

/** Label values of our own vocabulary (protocol, sections 1, 3, 5, 7 and 9). */
const WORDS: Readonly<Record<string, RegExp>> = {
  outcome: /^(success|error|timeout|closed|confirmed|rejected|unknown|failed|dropped|applied|faulty)$/,
  reason: /^(queue_full|msg_id_mismatch)$/,
  state: /^(disconnected|connecting|connected|reconnecting|closed|open|half_open)$/,
};

/** Our metrics, each with its type. */
async function metricTypes(): Promise<[name: string, type: string][]> {
  const metrics = new Metrics();
  metrics.workerObserver([]);
  const types = (await metrics.text()).matchAll(/^# TYPE (\S+) (\S+)$/gm);
  return [...types].map(([, name = '', type = '']) => [name, type]);
}

/** What an expression names that neither we nor Prometheus have; the text of label matchers counts. */
async function strangersIn(expression: string): Promise<string[]> {
  const ours = (await metricTypes()).flatMap(([name, type]) =>
    type === 'histogram' ? ['_bucket', '_sum', '_count'].map((suffix) => `${name}${suffix}`) : [name],
  );
  const known = new Set([...ours, ...rules.map(({ record }) => record), 'up']);
  const bare = expression.replaceAll(
    /\{[^}]*\}|\[[^\]]*\]|\boffset \w+|\b(?:by|without|on|ignoring) ?\([^)]*\)|\b(?:and|or|unless)\b/g,
    ' ',
  );
  // Functions have an argument list, numbers begin with a digit; what is left are metrics.
  const names = [...bare.matchAll(/(?<![\w:.])[a-zA-Z_:][\w:]*(?![\w:]|\s*\()/g)].map(([name]) => name);
  assert.ok(names.length > 0, `${expression} names no metric`);
  const words = [...expression.matchAll(/(\w+)(?:=~|!~|!=|=)"([^"]*)"/g)].flatMap(([, label = '', values = '']) =>
    values.split('|').filter((value) => WORDS[label] && !WORDS[label].test(value)),
  );
  return [...names.filter((name) => !known.has(name)), ...words];
}

describe('the Prometheus examples', () => {
  const programs = requires('prometheus');
  const check = (...args: string[]) => {
    const { ok, said } = promtool(programs.promtool, args);
    assert.ok(ok, said);
  };

  it('promtool accepts the configuration and the rules', () => {
    check('check', 'config', CONFIG);
    check('check', 'rules', RULES);
    check('check', 'rules', FLEET_RULES);
    check('check', 'config', '--syntax-only', 'deploy/prometheus/prometheus.yml');
  });

  it('each alert fires when it should, and does not when it should not', () =>
    check('test', 'rules', CASES, FLEET_CASES));
});

describe('the rules', () => {
  for (const { record, alert, expr } of rules) {
    it(`${record ?? alert} names only existing metrics and labels`, async () =>
      assert.deepEqual(await strangersIn(expr), []));
  }

  for (const { alert = '', labels, annotations, for: span } of alerts) {
    it(`${alert} has a severity, names its device and links to a page`, () => {
      assert.match(labels?.severity ?? '', /^(warning|critical)$/);
      assert.match(span ?? '', /^\d+m$/);
      const about = `$labels.${ABOUT[alert] ?? 'device_id'}`;
      for (const text of [annotations?.summary, annotations?.description]) assert.ok(text?.includes(about), text);
      assert.match(annotations?.description ?? '', /\bLook\b/);
    });

    it(`${alert} has a case in which it fires, and one in which it does not`, () => {
      const tests = [CASES, FLEET_CASES].flatMap((file) => (read(file) as { tests: AlertTest[] }).tests);
      const mine = tests.map((test) => (test.alert_rule_test ?? []).filter(({ alertname }) => alertname === alert));
      const fires = (cases: readonly AlertCase[]) => cases.some(({ exp_alerts: expected }) => expected.length > 0);
      assert.ok(mine.some(fires));
      assert.ok(mine.some((cases) => cases.length > 0 && !fires(cases)));
    });
  }
});

describe('the Grafana dashboard', () => {
  const json = readFileSync(DASHBOARD, 'utf8');
  const { panels, schemaVersion, templating } = JSON.parse(json) as Dashboard;
  const overlap = ({ gridPos: a }: Panel, { gridPos: b }: Panel) =>
    a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

  for (const { panel, expression } of dashboardQueries(json)) {
    it(`"${panel}" names only existing metrics and labels`, async () =>
      assert.deepEqual(await strangersIn(expression), []));
  }

  it('works with any Prometheus and any devices', () => {
    assert.equal(schemaVersion, 41);
    const variables = Object.fromEntries(templating.list.map(({ name, type }) => [name, type]));
    assert.deepEqual(variables, { DS_PROMETHEUS: 'datasource', device_id: 'query' });
    for (const { datasource, targets } of panels) {
      assert.deepEqual(datasource, { type: 'prometheus', uid: '${DS_PROMETHEUS}' });
      // An inventory is no device, and a worker has many.
      const ofDevices = targets.filter(({ expr }) => !/tcp_comm_(inventory|fleet|groups?)_/.test(expr));
      for (const { expr } of ofDevices) assert.ok(expr.includes('device_id=~"$device_id"'), expr);
    }
  });

  it('has panels with a title, a description and a unit or value mappings, none overlapping', () => {
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    for (const panel of panels) {
      const { unit, mappings } = panel.fieldConfig.defaults;
      assert.ok(panel.title && panel.description.endsWith('.') && (unit ?? mappings), panel.title);
      const beneath = panels.filter((other) => other !== panel && overlap(panel, other));
      assert.deepEqual(beneath, [], panel.title);
    }
  });

  it('joins the queries of its table by device, and names a column for each', () => {
    const { targets, transformations = [], fieldConfig } = panelOf(json, 'Devices now');
    const options = (id: string) => transformations.find((each) => each.id === id)?.options ?? {};
    assert.equal(options('joinByField').byField, 'device_id');
    const names = options('organize').renameByName as Record<string, string>;
    for (const { refId, expr } of targets) {
      assert.ok(names[`Value #${refId}`], expr);
      assert.match(expr, /by \(device_id\)/);
    }
    for (const { matcher } of fieldConfig.overrides) assert.ok(Object.values(names).includes(matcher.options));
  });

  it('shows every metric', async () => {
    const queries = dashboardQueries(json).map(({ expression }) => expression);
    for (const [name] of await metricTypes()) assert.ok(queries.join().includes(name), name);
  });
});

describe('the check for existing names', () => {
  for (const [expression, stranger] of [
    ['rate(tcp_comm_packet_sent[5m])', 'tcp_comm_packet_sent'],
    ['sum by (le) (tpc_comm_toggles_total) / tcp_comm_toggles_total', 'tpc_comm_toggles_total'],
    ['up and on (job) (process_uptime offset 5m == 1)', 'process_uptime'],
    ['tcp_comm_toggle_duration_seconds', 'tcp_comm_toggle_duration_seconds'],
    ['sum(tcp_comm_toggles_total{outcome=~"failed|lost"})', 'lost'],
    ['device:tcp_comm_toggles:increase7m > 0', 'device:tcp_comm_toggles:increase7m'],
  ] as const) {
    it(`finds ${stranger}`, async () => assert.deepEqual(await strangersIn(expression), [stranger]));
  }
});
