/** Packet log: one JSON line for each packet sent, received or missed (protocol, section 9). */
import type { Observer, PacketEvent } from '../observer';
import { jsonLine } from '../printable';

/** Level of a line: `INFO` for success, else `WARNING`. */
type Level = 'INFO' | 'WARNING';

/** Receives one line, without a line break, and its level. */
export type WriteLine = (line: string, level: Level) => void;

/**
 * An observer that writes a line for each packet; a device without it builds no lines.
 * `elapsed_ms` has two decimals; `raw_packet_hex` is empty if no packet arrived, so that every line has every field.
 */
export function packetLog(write: WriteLine, now: () => Date = () => new Date()): Observer {
  return {
    packet: (event) => {
      const level = event.outcome === 'success' ? 'INFO' : 'WARNING';
      write(formatted(event, level, now()), level);
    },
  };
}

function formatted(event: PacketEvent, level: Level, at: Date): string {
  const { direction, outcome, deviceId, msgId, attempt, bytes, elapsedMs } = event;
  return jsonLine({
    ts: at.toISOString(),
    level,
    message: `Packet tcp_packet ${direction} ${outcome}`,
    event: 'tcp_packet',
    direction,
    msg_id: msgId,
    device_id: deviceId,
    raw_packet_hex: spacedHex(bytes),
    elapsed_ms: Math.round(elapsedMs * 100) / 100,
    outcome,
    attempt,
  });
}

/** Formats bytes for the log: `f0 0d 01`. */
export function spacedHex(bytes: Uint8Array = new Uint8Array()): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
