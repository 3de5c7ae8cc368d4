/** A simulated device's end of one connection: reads commands, and answers as its kind says. */
import type { Said, SimDevice } from './sim-device';
import { after, frame, joined, NONE, readFrames, readToggle, type WireToggle } from './wire-reference';

/** The far end of a connection. */
export interface Line {
  readonly number: number;
  send(bytes: Buffer): void;
  fin(): void;
  reset(): void;
  hasRead(bytes: number): void;
}

const SLOW_MS = 4000;
const PAUSE_MS = 2000;
const GREETING = Buffer.from('lamp 2.1 ready\r\n');
const GARBAGE: readonly [Buffer, ...Buffer[]] = [
  Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
  Buffer.from('ACKNOWLEDGED'),
  Buffer.from([0xf0, 0x0d, 2, 0, 0, 0, 0]),
  Buffer.from([0xf0, 0x0d, 1, 0xff, 0, 0, 0]),
  frame('{"opcode":"ack"'),
  frame('{"opcode":"done","msg_id":"1"}'),
  frame('[]'),
  Buffer.from([0xf0, 0x0d, 1, 0, 0]),
];

export class DeviceConnection {
  private unread: Buffer = NONE;
  private buffer: Buffer = NONE;
  isOver = false;
  private isPaused = false;
  private cancelIdle: () => void = () => undefined;

  constructor(
    private readonly device: SimDevice,
    private readonly line: Line,
  ) {
    if (device.deps.kind.greeting === 'late' && !device.isWell)
      this.later(device.draw.between(0, 30), () => this.greet());
    this.watchIdle();
  }

  earlyGreeting(): Buffer | undefined {
    const isEarly = this.device.deps.kind.greeting === 'early' && !this.device.isWell;
    if (isEarly) this.device.deps.watcher.greeted();
    return isEarly ? GREETING : undefined;
  }

  received(bytes: Buffer): void {
    if (this.isOver) return;
    this.unread = joined(this.unread, bytes);
    this.read();
  }

  finReceived(): void {
    if (!this.device.deps.kind.keepsOpen) this.close();
  }

  /** The client, or the network, reset it: what was not read is lost. */
  aborted(): void {
    this.forget();
  }

  /** The device has rebooted. */
  lose(isSilent: boolean): void {
    if (!isSilent) this.line.reset();
    this.forget();
  }

  private read(): void {
    const { kind } = this.device.deps;
    if (this.isPaused) return;
    if (this.device.happens(kind.chances.pause)) {
      this.isPaused = true;
      this.later(this.device.draw.random() * PAUSE_MS, () => {
        this.isPaused = false;
        this.read();
      });
      return;
    }
    const { unread } = this;
    this.unread = NONE;
    this.line.hasRead(unread.length);
    this.watchIdle();
    const bytes = joined(this.buffer, unread);
    const { frames, isBroken } = readFrames(bytes);
    this.buffer = after(bytes, frames);
    for (const { json } of frames) {
      const toggle = readToggle(json);
      if (!toggle) return this.abort();
      this.serve(toggle);
      if (this.isOver) return;
    }
    if (isBroken) this.abort();
  }

  private serve(toggle: WireToggle): void {
    const { device } = this;
    const { kind } = device.deps;
    const { chances } = kind;
    const is = (name: keyof typeof chances) => device.happens(chances[name]);
    if (is('closeBefore')) return this.abort();
    const answer = device.obey(toggle);
    const odd = {
      silent: is('silent'),
      closeAfter: is('closeAfter'),
      garbage: is('garbage'),
      otherId: is('otherId'),
      second: is('secondAnswer'),
      lie: is('lie'),
      drip: is('drip'),
      truncate: is('truncate'),
      slow: is('slow'),
    };
    const replyMs = device.draw.random() * (odd.slow ? SLOW_MS : kind.replyMs);
    if (odd.closeAfter) return this.close();
    if (answer === undefined || odd.silent) return;
    this.later(replyMs, () => {
      // Ids are hexadecimal: none of them is this one.
      if (odd.otherId) this.say(toggle, 'noise', frame(`{"opcode":"ack","msg_id":"zzzz${toggle.msgId.slice(4)}"}`));
      if (odd.garbage) return this.say(toggle, 'noise', device.draw.pick(GARBAGE));
      const said = kind.dialect === 'raw' ? (answer === 'ack' ? 'raw' : 'noise') : answer;
      const bytes = this.reply(toggle, answer, odd.lie);
      if (odd.drip) return this.drip(toggle, said, bytes);
      if (odd.truncate) {
        this.say(toggle, said, bytes.subarray(0, device.draw.whole(0, bytes.length)));
        return this.close();
      }
      this.say(toggle, said, bytes);
      if (odd.second) this.later(device.draw.between(0, 10), () => this.say(toggle, said, bytes));
      if (kind.closesAfterReply) this.close();
    });
  }

  private reply({ msgId, state }: WireToggle, answer: 'ack' | 'nack', isLie: boolean): Buffer {
    const { dialect } = this.device.deps.kind;
    if (dialect === 'raw') return Buffer.from(answer === 'ack' ? this.device.draw.pick(['ACK', 'ACK\r\n']) : 'NO');
    const id = JSON.stringify(msgId);
    if (answer === 'nack') return frame(`{"opcode":"nack","msg_id":${id},"error":"interlock open"}`);
    const reported = dialect === 'framed' ? `,"state":${isLie ? !state : state}` : '';
    return frame(`{"opcode":"ack","msg_id":${id}${reported}}`);
  }

  private drip(toggle: WireToggle, said: Said, bytes: Buffer): void {
    const stepMs = this.device.draw.pick([0.1, 1, 40]);
    for (let at = 0; at < bytes.length; at += 1) {
      this.later(at * stepMs, () => this.say(toggle, said, bytes.subarray(at, at + 1)));
    }
  }

  private say(toggle: WireToggle, said: Said, bytes: Buffer): void {
    if (this.isOver) return;
    const { journal, name, watcher } = this.device.deps;
    journal.note(name, 'says', said, toggle.msgId, 'on connection', this.line.number, bytes.length, 'bytes');
    watcher.said(toggle, said);
    this.watchIdle();
    this.line.send(bytes);
  }

  private greet(): void {
    this.device.deps.watcher.greeted();
    this.line.send(GREETING);
  }

  private close(): void {
    this.line.fin();
    this.forget();
  }

  private abort(): void {
    this.line.reset();
    this.forget();
  }

  private forget(): void {
    this.isOver = true;
    this.cancelIdle();
    this.device.connections.delete(this);
  }

  private watchIdle(): void {
    const { kind, time } = this.device.deps;
    this.cancelIdle();
    if (kind.idleCloseMs < Infinity) this.cancelIdle = time.cancellable(kind.idleCloseMs, () => this.close());
  }

  private later(ms: number, act: () => void): void {
    this.device.deps.time.world(ms, act, this);
  }
}
