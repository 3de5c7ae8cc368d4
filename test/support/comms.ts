/** Client for Node-RED's /comms websocket: debug messages and node statuses. */
import { once } from 'node:events';
import WebSocket from 'ws';

export interface NodeStatus {
  readonly fill?: string;
  readonly shape?: string;
  readonly text?: string;
}

/** What a debug node showed. */
export interface DebugMessage {
  /** Of the debug node. */
  readonly id: string;
  readonly name?: string;
  readonly topic?: string;
  /** As Node-RED writes it: `Object`, `boolean`, `string[5]`, … */
  readonly format: string;
  /** The value shown; with the debug node's `complete: 'true'` the whole message. */
  readonly value: unknown;
}

interface Packet {
  readonly topic?: string;
  readonly data?: unknown;
}

export class Comms {
  readonly messages: DebugMessage[] = [];
  readonly statuses = new Map<string, NodeStatus[]>();

  private constructor(private readonly socket: WebSocket) {}

  static async connect(url: string, token: string | undefined, changed: () => void): Promise<Comms> {
    const socket = new WebSocket(url);
    const comms = new Comms(socket);
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => {
      comms.receive(data.toString());
      changed();
    });
    await once(socket, 'open');
    if (token) {
      socket.send(JSON.stringify({ auth: token }));
      await once(socket, 'message');
    }
    for (const topic of ['debug', 'status/#']) socket.send(JSON.stringify({ subscribe: topic }));
    return comms;
  }

  clear(): void {
    this.messages.length = 0;
    this.statuses.clear();
  }

  close(): void {
    this.socket.terminate();
  }

  private receive(text: string): void {
    for (const { topic = '', data } of [JSON.parse(text) as Packet | Packet[]].flat()) {
      if (topic === 'debug') this.messages.push(debugMessage(data as RawDebugMessage));
      const [, nodeId] = /^status\/(.+)$/.exec(topic) ?? [];
      if (nodeId) this.statuses.set(nodeId, [...(this.statuses.get(nodeId) ?? []), data ?? {}]);
    }
  }
}

type RawDebugMessage = Omit<DebugMessage, 'value'> & { readonly msg: unknown };

/** Node-RED sends every value as text; only text itself is not JSON. */
function debugMessage({ msg, ...about }: RawDebugMessage): DebugMessage {
  if (typeof msg !== 'string' || about.format.startsWith('string')) return { ...about, value: msg };
  try {
    return { ...about, value: JSON.parse(msg) };
  } catch {
    return { ...about, value: msg };
  }
}
