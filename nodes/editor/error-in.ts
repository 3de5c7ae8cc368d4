/** Why a route of the admin API refused a request, in its own words. */

/** Undefined if the answer is none of ours, such as the page of a reverse proxy. */
export function errorIn(answer: string): string | undefined {
  try {
    const { error } = JSON.parse(answer) as { error?: unknown };
    return typeof error === 'string' ? error : undefined;
  } catch {
    return undefined;
  }
}
