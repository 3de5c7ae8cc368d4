/** Tests of rows with the values in the dialog: a few at a time, by the route of the device dialog. */
import { errorIn } from '../../editor/error-in';
import type { DeviceTestEvent } from '../../phase0-device/device-test-event';

/** The runtime allows eight over all editors. */
const AT_A_TIME = 4;

export interface RowTest {
  /** Of its own for each row: the runtime runs one test at a time for each id. */
  readonly id: string;
  readonly z: string | undefined;
  readonly state: boolean;
  readonly settings: object;
  readonly tls: object | undefined;
}

export interface RowTestEvents {
  /** `verdict` is what the runtime said, or undefined when the test could not run: `why` says it then. */
  ended(index: number, verdict: TestVerdict | undefined, why: string): void;
  /** All tests that were asked for have ended. */
  idle(): void;
}

export type TestVerdict = Extract<DeviceTestEvent, { event: 'verdict' }>;

export class RowTests {
  private readonly waiting: number[] = [];
  private readonly running = new Set<Ajax>();

  constructor(
    private readonly testOf: (index: number) => RowTest,
    private readonly events: RowTestEvents,
  ) {}

  run(indexes: readonly number[]): void {
    this.waiting.push(...indexes);
    this.startNext();
  }

  /** The runtime notices that the requests were closed. */
  cancel(): void {
    this.waiting.length = 0;
    for (const request of this.running) request.abort();
  }

  private startNext(): void {
    while (this.running.size < AT_A_TIME && this.waiting.length > 0) this.start(this.waiting.shift() as number);
    if (this.running.size === 0) this.events.idle();
  }

  private start(index: number): void {
    const request = $.ajax({
      url: 'phase0-device/test',
      type: 'POST',
      contentType: 'application/json',
      data: JSON.stringify(this.testOf(index)),
      dataType: 'text',
      success: (answer) => this.events.ended(index, verdictIn(answer), ''),
      error: ({ status, responseText }, why) => {
        this.events.ended(index, undefined, errorIn(responseText) ?? String(status || why));
      },
      complete: () => {
        this.running.delete(request);
        this.startNext();
      },
    });
    this.running.add(request);
  }
}

function verdictIn(answer: string): TestVerdict | undefined {
  const events = answer
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as DeviceTestEvent);
  return events.find((event): event is TestVerdict => event.event === 'verdict');
}
