/** Fields of phase0-fleet. Browser-safe: editor and runtime read the same ones. */
import { fleetFields } from '../../src/settings/fleet';
import { text, type Field } from '../../src/settings/field';
import type { Migration } from '../saved';

const urlText = text({ min: 1, max: 2000, trim: true });

/** User and password have fields of their own, which the credential store keeps. */
const url: Field<string> = {
  ...urlText,
  accepts: 'amqp://host:port/vhost, or amqps://… for TLS, without user and password',
  read(raw) {
    const value = urlText.read(raw);
    return value !== undefined && isBrokerUrl(value) ? value : undefined;
  },
};

function isBrokerUrl(value: string): boolean {
  if (/[@?#\s]/.test(value)) return false;
  try {
    const { protocol, hostname } = new URL(value);
    return (protocol === 'amqp:' || protocol === 'amqps:') && hostname !== '';
  } catch {
    return false;
  }
}

export const fields = {
  name: text({ max: 200, mayHoldReferences: true }),
  url,
  ...fleetFields,
} as const;

/** None so far. */
export const migrations: readonly Migration[] = [];
