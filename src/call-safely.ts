/** Calls to functions of the user, which may throw or return a promise that rejects. */

/** Receives what a function of the user failed with. */
export type ErrorHandler = (error: unknown) => unknown;

/**
 * Calls a function of the user. Never throws and leaves no unhandled rejection: `onError` receives the failure.
 */
export function callSafely(call: () => unknown, onError: ErrorHandler): void {
  try {
    watchResult(call(), onError);
  } catch (error) {
    reportFailure(error, onError);
  }
}

/** The same for a method, if `target` has it. */
export function callMethodSafely<T extends object>(
  target: T,
  name: keyof T,
  args: unknown[],
  onError: ErrorHandler,
): void {
  try {
    const method = target[name] as ((...args: unknown[]) => unknown) | null | undefined;
    watchResult(method?.apply(target, args), onError);
  } catch (error) {
    reportFailure(error, onError);
  }
}

/** `onError` receives what a promise is rejected with: functions that are async by mistake type-check as `void` ones. */
export function watchResult(result: unknown, onError: ErrorHandler): void {
  if (typeof result !== 'object' || result === null || !('then' in result)) return;
  Promise.resolve(result).catch((error: unknown) => reportFailure(error, onError));
}

/** A failure of `onError` itself is ignored, because there is nowhere left to report it. */
export function reportFailure(error: unknown, onError: ErrorHandler): void {
  try {
    const result = onError(error);
    if (typeof result === 'object' && result !== null && 'then' in result) Promise.resolve(result).catch(ignore);
  } catch {
    // Nowhere left to report it.
  }
}

function ignore(): void {}

/** For a result of the wrong kind: if it is a promise, its rejection must not reach the process. Never throws. */
export function ignoreRejection(result: unknown): void {
  callSafely(() => result, ignore);
}
