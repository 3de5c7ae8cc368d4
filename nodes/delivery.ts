/** The end of a message: it leaves through an output, and is completed or raised as an error. */
import type { GuardedNode } from './guarded-node';
import type { Done, Message, Node, Send } from './red';
import { tabStops } from './stopping-flows';

/** The node that reports an error, as a Catch node would name it. */
export interface Source {
  readonly id: string;
  readonly type: string;
  readonly name: string;
}

/** When what did not succeed is raised as a node error: `auto` = when the failure output has no wire. */
export type ErrorMode = 'auto' | 'always' | 'never';

/** How a message ends. */
export interface Ending {
  readonly outputs: (Message | null)[];
  /** For the log, if nothing else can be delivered. */
  readonly text: () => string;
  /** Absent for a success. */
  readonly failure?: {
    readonly error: () => Error;
    /** What a Catch node gets on the message besides. */
    readonly details: object;
    /** The node closed before there was another result. */
    readonly isClosed: boolean;
  };
}

/** What became of it. */
export interface Delivered {
  /** False when Node-RED could not clone or complete the message. */
  readonly isDelivered: boolean;
  /** Nothing is left that could receive it. */
  readonly hasNoReceiver: boolean;
}

const FAILURE_OUTPUT = 1;

export class Delivery {
  constructor(
    private readonly node: Pick<Node, 'wires' | '_flow'>,
    private readonly guarded: GuardedNode,
    private readonly errors: ErrorMode,
  ) {}

  end(msg: Message, { outputs, text, failure }: Ending, send: Send, done: Done): Delivered {
    const isRaised = failure !== undefined && this.isRaised;
    const hasNoReceiver = failure?.isClosed === true && this.hasNoReceiver(isRaised);
    const isSent = this.guarded.send(send, outputs, text);
    // A Catch node receives the input message, so that message gets the verdict as well.
    if (isRaised && !hasNoReceiver) {
      const isReported = this.guarded.fail(msg, done, failure.error(), failure.details);
      return { isDelivered: isSent && isReported, hasNoReceiver };
    }
    this.guarded.done(done);
    return { isDelivered: isSent, hasNoReceiver };
  }

  private get isRaised(): boolean {
    if (this.errors === 'never') return false;
    return this.errors === 'always' || this.failureWires.length === 0;
  }

  /** Whether Node-RED has stopped every node that could receive the failure: it stops a whole tab at once. */
  private hasNoReceiver(isRaised: boolean): boolean {
    const flow = this.node._flow;
    if (isRaised && !tabStops(flow)) return false;
    const wires = this.failureWires;
    return (isRaised || wires.length > 0) && !wires.some((id) => flow?.getNode?.(id));
  }

  private get failureWires(): readonly string[] {
    return this.node.wires[FAILURE_OUTPUT] ?? [];
  }
}
