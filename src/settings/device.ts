/** Settings of a device, each declared once with default, unit and range. Browser-safe. */
import { choice, flag, integer, text, type Field, type Settings } from './field';

const HOUR_MS = 3_600_000;

/** How replies are judged (protocol, section 2). */
const REPLY_POLICIES = ['auto', 'any', 'framed'] as const;

/** What happens to toggles that wait (protocol, section 6). */
const QUEUE_MODES = ['fifo', 'latest'] as const;
export type QueueMode = (typeof QUEUE_MODES)[number];

/** How long a connection lives (protocol, section 7). */
const CONNECTIONS = ['per-toggle', 'persistent'] as const;

/** The id of a device on the wire. */
export const deviceIdField = text({ min: 1, max: 128, trim: true });
/** The same in a message or a call, where nothing refers to an environment variable. */
export const givenDeviceId = text({ min: 1, max: 128, trim: true, isLiteral: true });

const hostText = text({ min: 1, max: 253, trim: true });

/** What people paste from a browser, and what IPv6 looks like in a URL, would otherwise fail as an unknown name. */
const host: Field<string> = {
  ...hostText,
  accepts: 'a name or IP address such as lamp.local, 192.168.1.20 or ::1, without http://, :port, brackets or spaces',
  read(raw) {
    const value = hostText.read(raw);
    if (value === undefined || /[\s/\\[\]@?#,;]/.test(value)) return undefined;
    // One colon separates a port; an IPv6 address has more.
    return /^[^:]+$/.test(value) || /^[\da-f]*:[\da-f]*:[\da-f:.]*(%[\w.-]+)?$/i.test(value) ? value : undefined;
  },
};

/** Every setting of a device. The type {@link DeviceSettings} is inferred from it. */
export const deviceFields = {
  deviceId: deviceIdField,
  host,
  port: integer({ default: 9000, min: 1, max: 65_535 }),
  connection: choice(CONNECTIONS, 'per-toggle'),
  reply: choice(REPLY_POLICIES, 'auto'),
  connectTimeoutMs: integer({ default: 1000, min: 1, max: 600_000, unit: 'ms' }),
  ioTimeoutMs: integer({ default: 1500, min: 1, max: 600_000, unit: 'ms' }),
  maxAttempts: integer({ default: 2, min: 1, max: 10 }),
  backoffBaseMs: integer({ default: 250, min: 0, max: 600_000, unit: 'ms' }),
  backoffMaxMs: integer({ default: 5000, min: 0, max: 600_000, unit: 'ms' }),
  jitterMs: integer({ default: 100, min: 0, max: 600_000, unit: 'ms' }),
  queueMode: choice(QUEUE_MODES, 'fifo'),
  queueLimit: integer({ default: 100, min: 0, max: 100_000, unit: 'toggles' }),
  queueTtlMs: integer({ default: 0, min: 0, max: 24 * HOUR_MS, unit: 'ms, 0 = off' }),
  breakerFailures: integer({ default: 0, min: 0, max: 1000, unit: 'toggles, 0 = off' }),
  breakerResetMs: integer({ default: 10_000, min: 1, max: 24 * HOUR_MS, unit: 'ms' }),
  packetLog: flag(false),
} as const;

/** Settings of a device, parsed and in range. */
export type DeviceSettings = Settings<typeof deviceFields>;
