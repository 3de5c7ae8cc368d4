/** What the package adds to the palette, in alphabetical order. */
export const NODE_TYPES = [
  'phase0-device',
  'phase0-fleet',
  'phase0-group',
  'phase0-inventory',
  'phase0-metrics',
  'phase0-simulator',
  'phase0-toggle',
] as const;
