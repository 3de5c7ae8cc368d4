/** Base64 to bytes, in browsers as well. Imports nothing. */

export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
