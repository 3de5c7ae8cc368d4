/** Icons beside the labels of dialogs, from the Font Awesome 4.7 set of Node-RED's editor. */

const ICONS: Readonly<Record<string, string>> = {
  name: 'tag',
  device: 'lightbulb-o',
  deviceId: 'lightbulb-o',
  host: 'globe',
  port: 'plug',
  connection: 'link',
  reply: 'reply',
  connectTimeoutMs: 'clock-o',
  ioTimeoutMs: 'clock-o',
  maxAttempts: 'repeat',
  backoffBaseMs: 'hourglass-start',
  backoffMaxMs: 'hourglass-end',
  jitterMs: 'random',
  queueMode: 'list-ol',
  queueLimit: 'bars',
  queueTtlMs: 'calendar-times-o',
  breakerFailures: 'chain-broken',
  breakerResetMs: 'stethoscope',
  tls: 'lock',
  packetLog: 'file-text-o',
  state: 'toggle-on',
  msgId: 'hashtag',
  errors: 'exclamation-triangle',
  target: 'bullseye',
  inventory: 'table',
  members: 'list-ul',
  concurrency: 'clone',
  staggerMs: 'step-forward',
  stopOnFailure: 'hand-paper-o',
  source: 'database',
  file: 'file-text-o',
  listen: 'power-off',
  path: 'folder-open-o',
  processMetrics: 'tachometer',
  allowedHosts: 'shield',
  mode: 'sliders',
  delayMs: 'clock-o',
  failureRate: 'percent',
  seed: 'leaf',
};

/** Markup of the icon of a row; it is decoration, so screen readers skip it. */
export function iconOf(name: string): string {
  return `<i class="fa fa-fw fa-${ICONS[name] ?? 'circle-o'}" aria-hidden="true"></i>`;
}
