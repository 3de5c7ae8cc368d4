/**
 * A node for tests alone, put into a Node-RED's own nodes folder: it sends messages to toggle nodes whatever is
 * deployed, and counts through Node-RED's hooks what they take, send and finish. It can keep a journal of that, which
 * outlives the process. The editor never sees it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Verdict } from '../../src/verdict';

/** What the probe answers. */
export interface ProbeReport {
  /** Messages that a toggle node took. */
  readonly taken: number;
  /** Messages with more or fewer than one verdict, or `done`, by now. */
  readonly unsettled: number;
  readonly twice: number;
  /** Verdicts by outcome. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Elapsed times of the verdicts of the watched toggle node since the last answer, in ms. */
  readonly elapsedMs: readonly number[];
  /** Active resources of the process, by type. */
  readonly resources: Readonly<Record<string, number>>;
}

/** A line of the journal: a message that a toggle node took, or a verdict. */
export type JournalLine =
  { readonly asked: string; readonly node: string; readonly state: boolean } | { readonly verdict: Verdict };

/* Runs inside Node-RED, so it is written as plain JavaScript. */
const SOURCE = String.raw`
const { appendFileSync } = require('node:fs');
module.exports = function (RED) {
  const taken = new Map();
  const outcomes = {};
  let elapsedMs = [];
  let watched = '';
  let stops = [];
  // With a journal, each message names its msg_id: this prefix and a number.
  let journal = '';
  let prefix = '';
  let count = 0;
  const note = (line) => journal && appendFileSync(journal, JSON.stringify(line) + '\n');
  const isToggle = (node) => node && node.type === 'phase0-toggle';
  RED.hooks.add('onReceive.probe', ({ msg, destination: { node } }) => {
    // A node that is closed takes nothing any more.
    if (!isToggle(node) || msg.reset || !(node._inputCallback || node._inputCallbacks)) return;
    taken.set(msg._msgid, { verdicts: 0, done: 0 });
    note({ asked: msg.command, node: node.id, state: msg.payload });
  });
  RED.hooks.add('onSend.probe', (events) => {
    for (const { msg, source } of events) {
      if (!isToggle(source.node) || source.port > 1) continue;
      taken.get(msg._msgid).verdicts += 1;
      note({ verdict: msg.phase0 });
      outcomes[msg.phase0.outcome] = (outcomes[msg.phase0.outcome] || 0) + 1;
      if (source.id === watched) elapsedMs.push(msg.phase0.elapsedMs);
    }
  });
  RED.hooks.add('onComplete.probe', ({ msg, node: { node } }) => {
    if (isToggle(node) && !msg.reset) taken.get(msg._msgid).done += 1;
  });
  RED.httpAdmin.post('/probe/traffic', (request, response) => {
    for (const stop of stops) stop();
    for (const id of request.body.reset || []) RED.nodes.getNode(id).receive({ reset: true });
    watched = request.body.watched || '';
    journal = request.body.journal || '';
    prefix = request.body.prefix || '';
    stops = request.body.traffic.map(({ ids, everyMs, resets = 0 }) => {
      let turn = 0;
      let timer;
      const tick = () => {
        // At random: timers of one process would else go in step, as no sensors do.
        timer = setTimeout(tick, 2 * Math.random() * everyMs);
        const node = RED.nodes.getNode(ids[turn % ids.length]);
        turn += 1;
        if (node && Math.random() < resets) node.receive({ reset: true });
        if (node) node.receive({ payload: Math.random() < 0.5, ...(journal && { command: prefix + (count += 1) }) });
      };
      tick();
      return () => clearTimeout(timer);
    });
    response.json({});
  });
  RED.httpAdmin.get('/probe', (request, response) => {
    let unsettled = 0;
    let twice = 0;
    for (const { verdicts, done } of taken.values()) {
      if (verdicts !== 1 || done !== 1) unsettled += 1;
      if (verdicts > 1 || done > 1) twice += 1;
    }
    const resources = {};
    for (const type of process.getActiveResourcesInfo()) resources[type] = (resources[type] || 0) + 1;
    response.json({ taken: taken.size, unsettled, twice, outcomes, elapsedMs, resources });
    elapsedMs = [];
  });
};
`;

/** Puts the probe into a user directory, before Node-RED starts there. */
export function installProbe(userDir: string): void {
  const folder = join(userDir, 'nodes');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'probe.js'), SOURCE);
  writeFileSync(join(folder, 'probe.html'), '<script type="text/javascript"></script>');
}
