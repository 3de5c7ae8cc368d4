/** Owns the packet log: one JSON line for each packet sent, received or missed (protocol, section 9). Writes nowhere itself. */
import type { Observer, PacketEvent } from '../packet-event';

/** Takes one line, without its line break. */
export type WriteLine = (line: string) => void;

/** An observer that writes a line for each packet; nothing is built while it is not among a device's observers. */
export function packetLog(write: WriteLine, now: () => Date = () => new Date()): Observer {
  return { packet: (event) => write(formatted(event, now())) };
}

function formatted({ direction, outcome, deviceId, msgId, attempt, bytes, elapsedMs }: PacketEvent, at: Date): string {
  return JSON.stringify({
    ts: at.toISOString(),
    level: outcome === 'success' ? 'INFO' : 'WARNING',
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

/** Empty for a packet that did not come. */
function spacedHex(bytes: Uint8Array = new Uint8Array()): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
