/** Broker test panel of the dialog: connects with the values shown in the dialog, and prints how that went. */
import type { Form, ReadInput } from '../../editor/form';
import { valuesOf } from '../../editor/open-form';
import { tlsDraft } from '../../editor/tls-draft';
import type { BrokerTestAnswer } from '../broker-test-answer';

export class BrokerTestPanel {
  // Found once: while another dialog is above this one, such as that of the tls-config node, this one is not in the page.
  private readonly button = $('#phase0-broker-test');
  private readonly says = $('#phase0-broker-says');
  private running: Ajax | undefined;
  private isRunning = false;

  constructor(
    private readonly node: EditorNode,
    private readonly form: Form,
    private readonly read: ReadInput,
  ) {
    this.button.on('click', () => this.start());
  }

  /** Ends the running test; the runtime notices that the request was closed. */
  close(): void {
    this.running?.abort();
  }

  private start(): void {
    if (this.isRunning) return;
    const { id, z } = this.node;
    const credentials = { username: this.read('username'), password: this.read('password') };
    this.say(this.node._('phase0-fleet.test.running'));
    this.showRunning(true);
    this.running = $.ajax<BrokerTestAnswer>({
      url: 'phase0-fleet/test',
      type: 'POST',
      contentType: 'application/json',
      data: JSON.stringify({ id, z, settings: valuesOf(this.form, this.read), credentials, tls: tlsDraft(this.form) }),
      success: (answer) => this.show(answer),
      error: ({ status, responseJSON }, why) => {
        this.say(responseJSON?.error ?? this.node._('phase0-fleet.test.error', { status: status || why }), 'failed');
      },
      complete: () => this.showRunning(false),
    });
  }

  private show(answer: BrokerTestAnswer): void {
    if (answer.outcome === 'failed') {
      this.say(answer.error, 'failed');
      if (answer.advice) this.add(this.node._(`phase0-fleet.advice.${answer.advice}`), 'advice');
      return;
    }
    this.say(this.node._('phase0-fleet.test.connected', { ms: answer.elapsedMs }), 'confirmed');
  }

  /** The button is not disabled: it would lose the focus. */
  private showRunning(isRunning: boolean): void {
    this.isRunning = isRunning;
    this.button.attr('aria-disabled', String(isRunning));
  }

  private say(words: string, verdict?: string): void {
    const line = $('<span>').text(words);
    if (verdict !== undefined) line.attr('data-verdict', verdict);
    this.says.empty().append(line);
  }

  /** A line below the result. */
  private add(words: string, part: string): void {
    $('<div>').text(words).attr('data-part', part).appendTo(this.says);
  }
}
