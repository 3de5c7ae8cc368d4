/** Words for each cause: what happened, and what to do next. Browser-safe. */
import type { Cause } from './outcomes';

/** Text for one cause; `__host__` and `__port__` stand for the address of the device. */
export interface CauseWords {
  /** One sentence: what happened. */
  readonly what: string;
  /** What to do next. */
  readonly advice: string;
}

/** The address that the words name. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** The English words. The locale files of phase0-device have them in every language; a test compares. */
export const CAUSE_WORDS: Readonly<Record<Cause, CauseWords>> = {
  port_refused: {
    what: '__host__ refuses connections on port __port__: nothing listens there.',
    advice: 'Check the port, and that the device is on and its service runs.',
  },
  host_unknown: {
    what: 'The name __host__ could not be found.',
    advice:
      'Check the spelling, or use the IP address of the device. A name that ends in .local needs mDNS on this machine.',
  },
  name_server_silent: {
    what: 'The lookup of the name __host__ took longer than the connect timeout.',
    advice: 'Check the name server of this machine, or use the IP address of the device.',
  },
  host_unreachable: {
    what: '__host__ cannot be reached from this machine.',
    advice: 'Check the address, that the device is on, and that both are in the same network.',
  },
  no_answer_to_connect: {
    what: '__host__ did not answer on port __port__ within the connect timeout.',
    advice:
      'Check the address, that the device is on, and the firewalls between. A busy device needs a longer timeout.',
  },
  connection_reset: {
    what: '__host__:__port__ reset the connection.',
    advice: 'Check the port: another service may do this. Some devices take only one connection at a time.',
  },
  not_permitted: {
    what: 'This machine does not permit a connection to __host__:__port__.',
    advice: 'Check its firewall, and the rights of the user that runs this program.',
  },
  local_ports_exhausted: {
    what: 'This machine has no free local port for a connection to __host__:__port__.',
    advice: 'Too many connections were opened in a short time: switch less often, or use a persistent connection.',
  },
  too_many_open_files: {
    what: 'This program has as many files and connections open as the system allows.',
    advice: 'Raise the limit (ulimit -n), or find out what keeps so many open.',
  },
  tls_to_plain_port: {
    what: '__host__:__port__ does not speak TLS.',
    advice: 'Turn TLS off for this device, or use its TLS port.',
  },
  tls_no_answer: {
    what: '__host__:__port__ accepted the connection, but did not complete the TLS handshake within the connect timeout.',
    advice:
      'Check that the port speaks TLS: one that does not often stays silent. A slow device needs a longer timeout.',
  },
  tls_untrusted: {
    what: 'The certificate of __host__:__port__ is not trusted.',
    advice: 'Add the certificate of its authority (CA) to the TLS settings.',
  },
  tls_wrong_name: {
    what: 'The certificate of __host__:__port__ is for another name.',
    advice: 'Use a name of the certificate as the host, or enter it as the server name in the TLS settings.',
  },
  tls_expired: {
    what: 'The certificate of __host__:__port__ has expired, or is not valid yet.',
    advice: 'Renew the certificate, and check the clock of this machine.',
  },
  tls_client_certificate: {
    what: '__host__:__port__ requires a client certificate that it trusts.',
    advice: 'Add a certificate that the device accepts, with its key, to the TLS settings.',
  },
  tls_wrong_alpn: {
    what: '__host__:__port__ does not support the ALPN protocol in the TLS settings.',
    advice: 'Leave the ALPN protocol empty, or enter one that the device supports.',
  },
  tls_handshake_failed: {
    what: '__host__:__port__ ended the TLS handshake.',
    advice:
      'Check that the port speaks TLS, which TLS versions the device supports, and whether it requires a client certificate.',
  },
  send_stuck: {
    what: '__host__:__port__ accepted the connection, but takes no data.',
    advice: 'Check the network, and restart the device if it hangs.',
  },
  connection_busy: {
    what: 'Other toggles occupied the persistent connection to __host__:__port__ until the time to send was over.',
    advice: 'Switch less often, or choose a new connection for each attempt.',
  },
  connection_given_up: {
    what: 'The persistent connection to __host__:__port__ was given up because of another toggle.',
    advice: 'Look for the toggle that failed first: its cause says what to do.',
  },
  no_reply: {
    what: '__host__:__port__ accepted the connection, but sent no reply within the reply timeout.',
    advice: 'Check the port and the device id. A slow device needs a longer reply timeout.',
  },
  closed_without_reply: {
    what: '__host__:__port__ closed the connection without a reply.',
    advice:
      'Check the port, and that the device knows this device id. Over TLS, it may not accept the client certificate.',
  },
  replied_http: {
    what: 'A web server answers at __host__:__port__.',
    advice: 'Use the port on which the device is switched, not that of its web page.',
  },
  replied_ssh: {
    what: 'An SSH server answers at __host__:__port__.',
    advice: 'Use the port on which the device is switched; 22 is usually SSH.',
  },
  replied_tls: {
    what: '__host__:__port__ expects TLS, but the packet was sent without it.',
    advice: 'Turn TLS on for this device, or use its port without TLS.',
  },
  replied_greeting: {
    what: 'What answers at __host__:__port__ sends a greeting first, which a Phase 0 device does not.',
    advice: 'Check the port: this looks like another service.',
  },
  replied_echo: {
    what: '__host__:__port__ sends back what it receives.',
    advice: 'Check the port: this looks like an echo service.',
  },
  reply_not_understood: {
    what: 'The reply of __host__:__port__ is neither ACK nor a frame.',
    advice: 'Check the port. If the device answers in a way of its own, accept any bytes as the reply (reply: any).',
  },
  reply_incomplete: {
    what: 'The reply of __host__:__port__ broke off, or was not complete in time.',
    advice: 'Check the device and the network; the device may have restarted.',
  },
  raw_ack_but_framed_expected: {
    what: '__host__:__port__ replied ACK, but only a frame is accepted.',
    advice: 'Accept ACK as well (reply: auto), or let the device answer with frames.',
  },
  frame_broken: {
    what: '__host__:__port__ replied with a frame that is not valid.',
    advice: 'Check the firmware of the device; the protocol documentation describes a valid reply.',
  },
  frame_version: {
    what: '__host__:__port__ replied with another version of the frame format.',
    advice: 'Update the device or this package, so that both use the same version.',
  },
  other_msg_id: {
    what: '__host__:__port__ replied, but never with the message id of this toggle.',
    advice: 'Check the firmware of the device: its reply must repeat the msg_id of the request.',
  },
  refused_by_device: {
    what: 'The device at __host__:__port__ refused to switch.',
    advice: 'Look for an interlock or an error at the device.',
  },
  superseded: {
    what: 'A newer toggle for this device id took its place in the queue.',
    advice: 'Nothing to do. If every toggle matters, let all of them wait (queueMode: fifo).',
  },
  expired: {
    what: 'The toggle waited longer than its time to live (queueTtlMs).',
    advice: 'Switch less often, raise the time to live, or make attempts shorter.',
  },
  queue_full: {
    what: 'As many toggles as allowed already wait for this device id (queueLimit).',
    advice: 'Switch less often, raise the limit, or let the newest toggle replace the others (queueMode: latest).',
  },
  cancelled: {
    what: 'The toggle was cancelled.',
    advice: 'Send it again if it is still wanted.',
  },
  closed: {
    what: 'The toggle ended because its node, its device or the program was stopped.',
    advice: 'Send it again if it is still wanted.',
  },
  circuit_open: {
    what: 'After several failures in a row, nothing is sent to this device id for a while (breakerFailures).',
    advice: 'Look for the cause of these failures; sending starts again by itself (breakerResetMs).',
  },
  invalid_state: {
    what: 'What was asked for is not a state.',
    advice: 'Ask for true, false, 1, 0, "on", "off" or "flip".',
  },
  invalid_settings: {
    what: 'A setting, a device id or a message id is not valid.',
    advice: 'Correct the value that the error names.',
  },
  unknown_device: {
    what: 'The inventory has no device with this id.',
    advice: 'Check the spelling of the id, or add a row for it to the inventory.',
  },
  device_removed: {
    what: 'The device was removed from the inventory before the toggle ended.',
    advice: 'Nothing to do if that was intended; otherwise put its row back.',
  },
  invalid_command: {
    what: 'What came from the message broker is not a command.',
    advice: 'Check the program that sent it; docs/fleet.md describes a command.',
  },
  broker_unreachable: {
    what: 'The message broker of the fleet could not be reached in time.',
    advice: 'Check that RabbitMQ runs, its URL and its credentials. Sending starts again by itself.',
  },
  broker_refused: {
    what: 'The message broker did not take the command.',
    advice: 'Set up its queues (phase0-worker --setup), or switch less often while they are full.',
  },
  dead_lettered: {
    what: 'The command was handed to workers too often without a verdict, and was given up.',
    advice: 'Look at the logs of the workers: one of them may have crashed on it.',
  },
  no_verdict: {
    what: 'No worker of the fleet sent a verdict in time.',
    advice: 'Check that workers run. The command may still be waiting, and switch the device later.',
  },
};

/** The English words for a cause, with the address in them. */
export function causeWords(cause: Cause, address: Address): CauseWords {
  const { what, advice } = CAUSE_WORDS[cause];
  return { what: withAddress(what, address), advice: withAddress(advice, address) };
}

function withAddress(text: string, { host, port }: Address): string {
  // In one pass: a host may contain what looks like a placeholder.
  return text.replaceAll(/__(host|port)__/g, (_, name) => (name === 'host' ? host : String(port)));
}
