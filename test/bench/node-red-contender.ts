/** A Node-RED of its own with one contender: a loop of messages through the nodes that are measured. */
import { startNodeRed, type FlowNode, type NodeRed } from '../support/node-red';
import { userDirWithBenchNodes } from './bench-node';
import { figures, idsOf, type Figures } from './closed-loop';
import type { LoopRequest } from './core-contender';

/** What a message goes through. */
export interface NodeRedContender {
  readonly nodes: 'phase0-toggle' | 'tcp request' | 'hop';
  readonly connection: 'per-toggle' | 'persistent';
  /** What each message has in place of a state. */
  readonly payload?: string;
  readonly port: number;
}

const TAB = 'tab';
/** The function node of a flow without our nodes. */
const ENCODE = `
const msgId = crypto.randomBytes(8).toString('hex');
const payload = Buffer.from(JSON.stringify({ opcode: 'toggle', device_id: msg.topic, msg_id: msgId, state: msg.payload }));
const header = Buffer.from([0xf0, 0x0d, 1, 0, 0, 0, 0]);
header.writeUInt32BE(payload.length, 3);
msg.payload = Buffer.concat([header, payload]);
return msg;`;

const BACK = ['loop'];

function measured({ nodes, connection, port }: NodeRedContender): FlowNode[] {
  if (nodes === 'hop') return [{ id: 'measured', type: 'bench-hop', z: TAB, wires: [BACK] }];
  if (nodes === 'tcp request') {
    const libs = [{ var: 'crypto', module: 'crypto' }];
    // The frame of a reply ends with its only }, whatever its length.
    const splitOnBrace = { out: 'char', splitc: '}', ret: 'buffer' };
    return [
      { id: 'measured', type: 'function', z: TAB, func: ENCODE, libs, outputs: 1, wires: [['request']] },
      { id: 'request', type: 'tcp request', z: TAB, server: '127.0.0.1', port, ...splitOnBrace, wires: [BACK] },
    ];
  }
  const address = { host: '127.0.0.1', port: String(port), deviceId: 'lamp-0', connection };
  const ids = { deviceId: 'topic', deviceIdType: 'msg' };
  return [
    { id: 'device', type: 'phase0-device', ...address },
    { id: 'measured', type: 'phase0-toggle', z: TAB, device: 'device', ...ids, wires: [BACK, BACK, []] },
  ];
}

export class NodeRedProcess {
  private constructor(
    private readonly nodeRed: NodeRed,
    private readonly payload: string | undefined,
  ) {}

  static async start(contender: NodeRedContender): Promise<NodeRedProcess> {
    const loop = { id: 'loop', type: 'bench-loop', z: TAB, wires: [['measured']] };
    const flows = [{ id: TAB, type: 'tab' }, loop, ...measured(contender)];
    const settings = { functionExternalModules: true };
    const nodeRed = await startNodeRed({ userDir: userDirWithBenchNodes(), flows, settings, withoutComms: true });
    return new NodeRedProcess(nodeRed, contender.payload);
  }

  async run({ ids, forMs }: LoopRequest): Promise<Figures> {
    const { payload } = this;
    const response = await this.nodeRed.request('POST', '/bench/run', { ids: idsOf(ids), forMs, payload });
    return figures((await response.json()) as Parameters<typeof figures>[0]);
  }

  async stop(): Promise<void> {
    await this.nodeRed.stop();
  }
}
