/** The URL of the broker with user and password apart, so that neither is shown or saved with it. Browser-safe. */
export interface SplitUrl {
  /** Without user and password; whatever was given if it is no text. */
  readonly url: unknown;
  readonly username: string;
  readonly password: string;
  /** Whether a user or a password was in it. */
  readonly hadSecrets: boolean;
}

/** Reads a URL as people paste it: also with a `/` or `@` in the password that should have been encoded. */
export function splitUrl(given: unknown): SplitUrl {
  if (typeof given !== 'string') return { url: given, username: '', password: '', hadSecrets: false };
  const at = given.lastIndexOf('@');
  if (at === -1) return { url: given, username: '', password: '', hadSecrets: false };
  const scheme = /^\s*[a-z]+:\/\//i.exec(given)?.[0] ?? '';
  const [username = '', ...rest] = given.slice(scheme.length, at).split(':');
  return {
    url: scheme + given.slice(at + 1),
    username: decoded(username),
    password: decoded(rest.join(':')),
    hadSecrets: true,
  };
}

/** The URL with what belongs to it; a text of the fields wins over one of the URL. */
export function joinUrl(url: string, username: string, password: string): string {
  if (username === '' && password === '') return url;
  return url.replace('://', () => `://${encodeURIComponent(username)}:${encodeURIComponent(password)}@`);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
