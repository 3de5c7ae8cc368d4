/** Owns the fields of phase0-device. Browser-safe: editor and runtime read the same ones. */
import { text } from '../../src/field';
import { deviceFields } from '../../src/settings';

export const fields = { name: text({ max: 200 }), ...deviceFields } as const;
