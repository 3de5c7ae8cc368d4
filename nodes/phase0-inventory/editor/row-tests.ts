/** Tests of rows with the values in the dialog: a few at a time, by the route of the device dialog. */
import { errorIn } from '../../editor/error-in';
import { endedWithoutVerdict } from '../../editor/words';
import type { DeviceTestEvent } from '../../phase0-device/device-test-event';
import { RowQueue } from './row-queue';

/** The runtime allows eight over all editors. */
const AT_A_TIME = 4;

export interface RowTest {
  /** Of its own for each test: the runtime runs one at a time for each id. */
  readonly id: string;
  readonly z: string | undefined;
  readonly state: boolean;
  readonly settings: object;
  readonly tls: object | undefined;
}

export interface RowTestEvents<Row> {
  ended(row: Row, verdict: TestVerdict): void;
  /** It ended without a verdict: `dropped` if it did not run, or else `unknown`. */
  failed(row: Row, outcome: 'dropped' | 'unknown', why: string): void;
  /** The test was cancelled, before it began or in the middle. */
  cancelled(row: Row): void;
  /** All tests that were asked for have ended. */
  idle(): void;
}

export type TestVerdict = Extract<DeviceTestEvent, { event: 'verdict' }>;

export class RowTests<Row> {
  private readonly queue: RowQueue<Row>;

  /** `testOf` reads the row when its turn comes; undefined if it was deleted. */
  constructor(
    testOf: (row: Row, state: boolean) => RowTest | undefined,
    private readonly events: RowTestEvents<Row>,
  ) {
    this.queue = new RowQueue({
      atATime: AT_A_TIME,
      start: (row, state, ended) => {
        const test = testOf(row, state);
        return test && this.start(row, test, ended);
      },
      cancelled: (row) => events.cancelled(row),
      idle: () => events.idle(),
    });
  }

  get isIdle(): boolean {
    return this.queue.isIdle;
  }

  run(rows: readonly Row[], state: boolean): void {
    this.queue.add(rows, state);
  }

  /** The runtime notices that the requests were closed. */
  cancel(): void {
    this.queue.cancel();
  }

  private start(row: Row, test: RowTest, ended: () => void): () => void {
    const request = $.ajax({
      url: 'phase0-device/test',
      type: 'POST',
      contentType: 'application/json',
      data: JSON.stringify(test),
      dataType: 'text',
      success: (answer) => {
        const verdict = verdictIn(answer);
        if (verdict) this.events.ended(row, verdict);
        else this.events.failed(row, 'unknown', endedWithoutVerdict());
      },
      error: ({ status, responseText }, why) => {
        if (why === 'abort') return this.events.cancelled(row);
        // Without a status, the connection was lost, when the test may have run already.
        this.events.failed(row, status > 0 ? 'dropped' : 'unknown', errorIn(responseText) ?? String(status || why));
      },
      complete: ended,
    });
    return () => request.abort();
  }
}

function verdictIn(answer: string): TestVerdict | undefined {
  const events = answer
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as DeviceTestEvent);
  return events.find((event): event is TestVerdict => event.event === 'verdict');
}
