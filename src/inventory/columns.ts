/** Columns of an inventory: the settings of a device by their names, its TLS and its tags. Browser-safe. */
import { deviceFields, type DeviceSettings } from '../settings/device';
import { choice, flag, text, type Field, type Fields, type Settings } from '../settings/field';

const { deviceId, host, ...optional } = deviceFields;

const tagText = text({ max: 1000, trim: true });

/** The characters that separate or mark tags where people name devices. */
const tags: Field<string> = {
  ...tagText,
  accepts: 'words separated by spaces, without # and commas, of at most 1000 characters together',
  read(raw) {
    const value = tagText.read(raw);
    return value === undefined || /[#,]/.test(value) ? undefined : value;
  },
};

/** Every column; the type of a row is inferred from it. The first two are required. */
export const columns = {
  device_id: deviceId,
  host,
  ...optional,
  tls: choice(['on', 'off'], 'off'),
  tags,
} as const satisfies Fields;

export const COLUMN_NAMES: readonly string[] = Object.keys(columns);

/** What holds for every row that does not say otherwise: the settings of a device, and whether it speaks TLS. */
export const inventoryFields = { ...optional, tls: flag(false) } as const;
export type InventoryDefaults = Settings<typeof inventoryFields>;

/** The device of one row. */
export interface InventoryDevice {
  readonly settings: DeviceSettings;
  readonly tls: boolean;
  readonly tags: readonly string[];
}

/** The column with this name. */
export function columnOf(name: string): Field<unknown> | undefined {
  return COLUMN_NAMES.includes(name) ? columns[name as keyof typeof columns] : undefined;
}

/** The tags of a `tags` cell. */
export function tagsFrom(cell: string): readonly string[] {
  return cell === '' ? [] : [...new Set(cell.split(/\s+/))];
}

/** The row of a device: cells as text, without those that say the same as the defaults. */
export function rowOf(device: InventoryDevice, defaults: InventoryDefaults): Record<string, string> {
  const { settings, tls } = device;
  const { deviceId: id, host: address, ...rest } = settings;
  const own = Object.entries(rest).filter(([name, value]) => value !== defaults[name as keyof typeof rest]);
  return {
    device_id: id,
    host: address,
    ...Object.fromEntries(own.map(([name, value]) => [name, String(value)])),
    ...(tls !== defaults.tls && { tls: tls ? 'on' : 'off' }),
    ...(device.tags.length > 0 && { tags: device.tags.join(' ') }),
  };
}
