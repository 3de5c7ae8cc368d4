/** CPU of the codec alone, beside JSON.stringify and JSON.parse of the same payloads. */
import { FrameDecoder } from '../../src/protocol/frame';
import { decodeReply, encodeReply, encodeToggle, newMsgId } from '../../src/protocol/toggle';
import { benchOptions, writeReport } from './options';
import { shownWithSpread, summaryOf, summaryOfPairs, table } from './summary';

const DEFAULT_ROUNDS = 7;
const CALLS = 100_000;
/** Of one chunk, as a gateway sends them. */
const FRAMES = 64;

const request = { deviceId: 'lamp-1', msgId: '8f14e45fceea167a', state: true };
const fields = { opcode: 'toggle', device_id: request.deviceId, msg_id: request.msgId, state: request.state };
const reply = encodeReply({ kind: 'ack', msgId: request.msgId, state: true });
const replyText = reply.subarray(7).toString();
const chunk = Buffer.concat(Array.from({ length: FRAMES }, () => reply));

/** What is made is used, so that no compiler leaves it out. */
let used = 0;

const CODEC: Readonly<Record<string, { readonly run: () => void; readonly beside: string | undefined }>> = {
  'JSON.stringify': { run: () => void (used += JSON.stringify(fields).length), beside: undefined },
  'encode a toggle': { run: () => void (used += encodeToggle(request).length), beside: 'JSON.stringify' },
  'JSON.parse': { run: () => void (used += Object.keys(JSON.parse(replyText) as object).length), beside: undefined },
  'decode a reply': { run: () => void (used += decodeReply(reply.subarray(7)).msgId.length), beside: 'JSON.parse' },
  'a new msg_id': { run: () => void (used += newMsgId().length), beside: undefined },
};

function nanosecondsOf(run: () => void, calls: number): number {
  const startedAt = process.hrtime.bigint();
  for (let call = 0; call < calls; call += 1) run();
  return Number(process.hrtime.bigint() - startedAt) / calls;
}

describe('codec', function () {
  this.timeout(0);
  const { rounds = DEFAULT_ROUNDS } = benchOptions();

  it(`alone, ${CALLS} calls a round, ${rounds} rounds by turns`, () => {
    const decoder = new FrameDecoder();
    const readChunk = () => void decoder.push(chunk, ({ payload }) => void (used += decodeReply(payload).msgId.length));
    const runs = new Map<string, number[]>();
    const note = (name: string, ns: number) => runs.set(name, [...(runs.get(name) ?? []), ns]);
    for (let round = 0; round <= rounds; round += 1) {
      // The first round warms up.
      if (round === 1) runs.clear();
      for (const [name, { run }] of Object.entries(CODEC)) note(name, nanosecondsOf(run, CALLS));
      note(`a reply of a chunk of ${FRAMES}`, nanosecondsOf(readChunk, CALLS / FRAMES) / FRAMES);
    }
    const rows = [...runs].map(([name, ns]) => {
      const beside = runs.get(CODEC[name]?.beside ?? 'JSON.parse') ?? [];
      const isCompared = CODEC[name] === undefined || CODEC[name].beside !== undefined;
      const ratio = summaryOfPairs(ns, beside, (own, json) => own / json);
      return [name, shownWithSpread(summaryOf(ns)), isCompared ? shownWithSpread(ratio) : ''];
    });
    console.log(`\n${table([['', 'ns', 'beside JSON'], ...rows])}\n`);
    writeReport('codec', { rounds, calls: CALLS, nanoseconds: Object.fromEntries(runs), used });
  });
});
