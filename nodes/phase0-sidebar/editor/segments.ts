/** A toggle's timeline as segments to draw: what took how long, attempt by attempt. Pure. */
import type { ToggleTimeline, TraceStep } from '../../../src/trace/toggle-timeline';

type SegmentKind = 'queue' | 'connect' | 'send' | 'reply' | 'retry';

/** In µs from the request. */
export interface Segment {
  readonly kind: SegmentKind;
  readonly start: number;
  readonly end: number;
  /** From 1; absent for what belongs to no attempt. */
  readonly attempt?: number;
  /** It did not come to its end: the attempt ended it. */
  readonly isCut: boolean;
}

/** Bytes that went or came. */
export interface Mark {
  readonly kind: 'bytes_out' | 'bytes_in';
  readonly at: number;
  readonly attempt?: number;
}

const KINDS: Readonly<Partial<Record<TraceStep['kind'], SegmentKind>>> = {
  queued: 'queue',
  connect: 'connect',
  send: 'send',
  retry_wait: 'retry',
};

/** In the order of their beginnings. */
export function segmentsOf({ steps, attempts, elapsedUs }: ToggleTimeline): readonly Segment[] {
  const endOf = (attempt?: number) => attempts.find((each) => each.attempt === attempt)?.end ?? elapsedUs;
  const timed = steps.flatMap((step): Segment[] => {
    const kind = KINDS[step.kind];
    if (!kind) return [];
    const end = step.us === undefined ? endOf(step.attempt) : step.at + step.us;
    return [{ kind, start: step.at, end, isCut: step.us === undefined, ...ofAttempt(step.attempt) }];
  });
  const waits = attempts.flatMap(({ attempt, end }): Segment[] => {
    // The last one: over a connection that was closed, a packet is sent again.
    const sends = timed.filter((segment) => segment.kind === 'send' && segment.attempt === attempt);
    const send = sends[sends.length - 1];
    if (!send || send.isCut) return [];
    const reply = steps.find((step) => step.kind === 'reply' && step.attempt === attempt);
    return [{ kind: 'reply', start: send.end, end: reply?.at ?? end, attempt, isCut: reply === undefined }];
  });
  const segments = [...timed, ...waits];
  segments.sort((a, b) => a.start - b.start || a.end - b.end);
  return segments;
}

export function marksOf({ steps }: ToggleTimeline): readonly Mark[] {
  return steps.flatMap(({ kind, at, attempt }): Mark[] =>
    kind === 'bytes_out' || kind === 'bytes_in' ? [{ kind, at, ...ofAttempt(attempt) }] : [],
  );
}

function ofAttempt(attempt: number | undefined): { readonly attempt?: number } {
  return attempt === undefined ? {} : { attempt };
}
