/** The flow of `npm run fleet`: some of the devices are switched again and again, by workers. */
const TAB = 'f1ee700000000001';
const FLEET = 'f1ee700000000002';
const METRICS = 'f1ee700000000003';
const ASK = 'f1ee700000000004';
const PICK = 'f1ee700000000005';
const TOGGLE = 'f1ee700000000006';
const FAILED = 'f1ee700000000007';

/** `devices` are called lamp-1 and so on; `perSecond` of them are switched each second. */
export function fleetFlow({ devices, perSecond, metricsPort }) {
  const at = (x, y) => ({ z: TAB, x, y });
  const everySecond = { repeat: '0.2', crontab: '', once: true, onceDelay: '0.1', props: [] };
  const pick = [
    `for (let count = 0; count < ${Math.ceil(perSecond / 5)}; count += 1) {`,
    `  const lamp = 1 + Math.floor(Math.random() * ${devices});`,
    "  node.send({ topic: 'lamp-' + lamp, payload: 'flip' });",
    '}',
  ].join('\n');
  return [
    { id: TAB, type: 'tab', label: 'A fleet of workers' },
    { id: FLEET, type: 'phase0-fleet', name: 'the fleet', url: '${AMQP_URL}', maxInFlight: '2000' },
    { id: METRICS, type: 'phase0-metrics', name: '', ...at(150, 200), port: String(metricsPort), wires: [[]] },
    { id: ASK, type: 'inject', name: 'five times a second', ...everySecond, ...at(150, 80), wires: [[PICK]] },
    { id: PICK, type: 'function', name: 'some devices', func: pick, outputs: 1, ...at(340, 80), wires: [[TOGGLE]] },
    {
      id: TOGGLE,
      type: 'phase0-toggle',
      name: 'devices of the fleet',
      target: 'fleet',
      fleet: FLEET,
      ...at(550, 80),
      wires: [[], [FAILED], []],
    },
    {
      id: FAILED,
      type: 'debug',
      name: 'not confirmed',
      active: true,
      tosidebar: true,
      complete: 'phase0',
      targetType: 'msg',
      ...at(770, 80),
      wires: [],
    },
  ];
}
