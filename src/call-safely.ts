/** Calls to functions of the user, which may throw or return a promise that rejects. */

/** Receives what a function of the user failed with. */
export type ErrorHandler = (error: unknown) => unknown;

/**
 * Calls a function of the user. Never throws and leaves no unhandled rejection: `onError` receives the failure.
 * A failure of `onError` itself is ignored, because there is nowhere left to report it.
 */
export function callSafely(call: () => unknown, onError: ErrorHandler): void {
  attempt(call, (error) => attempt(() => onError(error), ignore));
}

function attempt(call: () => unknown, failed: (error: unknown) => void): void {
  try {
    // Functions that are async by mistake type-check as `void` ones.
    catchRejection(call(), failed);
  } catch (error) {
    failed(error);
  }
}

/** For a result that is of the wrong kind: if it is a promise, its rejection must not reach the process. Never throws. */
export function ignoreRejection(result: unknown): void {
  attempt(() => result, ignore);
}

function catchRejection(result: unknown, failed: (error: unknown) => void): void {
  if (typeof result === 'object' && result !== null && 'then' in result) Promise.resolve(result).catch(failed);
}

function ignore(): void {}
