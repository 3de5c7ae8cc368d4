/** Device test panel of the dialog: runs a test with the values shown in the dialog and prints its trace. */
import { errorIn } from '../../editor/error-in';
import type { Form, ReadInput } from '../../editor/form';
import { valuesOf } from '../../editor/open-form';
import { tlsDraft } from '../../editor/tls-draft';
import { endedWithoutVerdict } from '../../editor/words';
import { printable } from '../../../src/printable';
import type { DeviceTestEvent } from '../device-test-event';

export class DeviceTestPanel {
  // Found once: while another dialog is above this one, such as that of the tls-config node, this one is not in the page.
  private readonly buttons = [$('#phase0-test-on'), $('#phase0-test-off')] as const;
  private readonly cancel = $('#phase0-test-cancel');
  private readonly says = $('#phase0-test-says');
  private readonly trace = $('#phase0-test-trace');
  private running: Ajax | undefined;
  private isRunning = false;
  /** How much of the answer was shown already. */
  private shown = 0;
  private hasVerdict = false;

  constructor(
    private readonly node: EditorNode,
    private readonly form: Form,
    private readonly read: ReadInput,
  ) {
    const [on, off] = this.buttons;
    on.on('click', () => this.start(true));
    off.on('click', () => this.start(false));
    this.cancel.on('click', () => this.close());
    this.showRunning(false);
  }

  /** Ends the running test; the runtime notices that the request was closed. */
  close(): void {
    this.running?.abort();
  }

  private start(state: boolean): void {
    if (this.isRunning) return;
    const { node } = this;
    this.trace.empty();
    this.say(node._('phase0-device.test.running'));
    this.shown = 0;
    this.hasVerdict = false;
    this.showRunning(true);
    const { id, z } = node;
    this.running = $.ajax({
      url: 'phase0-device/test',
      type: 'POST',
      contentType: 'application/json',
      data: JSON.stringify({ id, z, state, settings: valuesOf(this.form, this.read), tls: tlsDraft(this.form) }),
      dataType: 'text',
      xhrFields: { onprogress: ({ currentTarget }) => this.show(currentTarget.responseText) },
      success: (answer) => {
        this.show(answer);
        if (!this.hasVerdict) this.say(endedWithoutVerdict(), 'unknown');
      },
      error: ({ status, responseText }, why) => this.fail(status, responseText, why),
      complete: () => this.showRunning(false),
    });
  }

  /** Shows the new lines; the last one may be incomplete. */
  private show(answer: string): void {
    const end = answer.lastIndexOf('\n') + 1;
    const lines = answer.slice(this.shown, end).split('\n').filter(Boolean);
    this.shown = end;
    for (const line of lines) this.showEvent(JSON.parse(line) as DeviceTestEvent);
  }

  private showEvent(line: DeviceTestEvent): void {
    const say = (key: string, values: object = {}) => this.node._(`phase0-device.test.${key}`, values);
    if (line.event === 'started') return this.say(say('attempt', { attempt: line.attempt, max: line.maxAttempts }));
    if (line.event === 'ended') {
      const retry = line.willRetry ? say('retry', { seconds: (line.retryInMs / 1000).toFixed(1) }) : '';
      const short = line.cause ? ` · ${this.node._(`phase0-device.cause.${line.cause}.short`)}` : '';
      const error = line.error ? ` · ${line.error}` : '';
      const ended = `${line.outcome} · ${Math.round(line.elapsedMs)} ms${short}${error}${retry}`;
      return void $('<li>').text(ended).appendTo(this.trace);
    }
    this.hasVerdict = true;
    const { outcome, reason, error, elapsedMs, cause, address, received } = line;
    const why = reason ? ` (${reason})` : '';
    // The attempts have already shown this.
    const detail = outcome === 'dropped' && error ? `: ${error}` : `: ${say(outcome)}`;
    this.say(`${outcome}${why}${detail} · ${Math.round(elapsedMs)} ms`, outcome);
    for (const part of cause ? ['what', 'advice'] : []) {
      this.add(this.node._(`phase0-device.cause.${cause}.${part}`, address ?? {}), part);
    }
    if (received !== undefined) this.add(say('received', { bytes: shownBytes(received) }), 'received');
  }

  private fail(status: number, answer: string, why: string): void {
    if (why === 'abort') return this.say(this.node._('phase0-device.test.cancelled'), 'cancelled');
    this.say(errorIn(answer) ?? this.node._('phase0-device.test.error', { status: status || why }), 'failed');
  }

  private say(words: string, verdict?: string): void {
    const line = $('<span>').text(words);
    if (verdict !== undefined) line.attr('data-verdict', verdict);
    this.says.empty().append(line);
  }

  /** A line below the verdict. */
  private add(words: string, part: string): void {
    $('<div>').text(words).attr('data-part', part).appendTo(this.says);
  }

  private showRunning(running: boolean): void {
    this.isRunning = running;
    // Not disabled: the one that was pressed would lose the focus.
    for (const button of this.buttons) button.attr('aria-disabled', String(running));
    if (!running && this.cancel.is(':focus')) this.buttons[0].trigger('focus');
    this.cancel.toggle(running);
  }
}

/** Bytes in hex, and as text with everything unsafe escaped. */
function shownBytes(hex: string): string {
  const bytes = hex.match(/../g) ?? [];
  const text = String.fromCharCode(...bytes.map((byte) => Number.parseInt(byte, 16)));
  return `${bytes.join(' ')} ("${printable(text)}")`;
}
