/** Calls to functions of the user, which may throw or return a promise that rejects. */

/** Receives what a function of the user failed with. */
export type ErrorHandler = (error: unknown) => unknown;

/**
 * Calls a function of the user. Never throws and leaves no unhandled rejection: `onError` receives the failure.
 * A failure of `onError` itself is ignored, because there is nowhere left to report it.
 */
export function callSafely(call: () => unknown, onError: ErrorHandler): void {
  try {
    watch(call(), onError);
  } catch (error) {
    report(error, onError);
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
    watch(method?.apply(target, args), onError);
  } catch (error) {
    report(error, onError);
  }
}

/** Functions that are async by mistake type-check as `void` ones. */
function watch(result: unknown, onError: ErrorHandler): void {
  if (typeof result !== 'object' || result === null || !('then' in result)) return;
  Promise.resolve(result).catch((error: unknown) => report(error, onError));
}

function report(error: unknown, onError: ErrorHandler): void {
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
