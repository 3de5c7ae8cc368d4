/** Owns the fields of phase0-simulator. Browser-safe: editor and runtime read the same ones. */
import { text } from '../../src/field';
import { simulatorFields } from '../../src/simulator/settings';

export const fields = { name: text({ max: 200 }), ...simulatorFields } as const;
