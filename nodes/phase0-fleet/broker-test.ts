/** Broker test of the dialog: connects with values that need not be deployed, and sends no command. */
import { Fleet } from '../../src/fleet/fleet';
import type { FleetState } from '../../src/fleet/requester-connection';
import { errorText } from '../../src/printable';
import type { TlsOptions } from '../../src/transport/tls';
import type { Config } from '../red';
import { adviceOn } from './broker-advice';
import { brokerSettings } from './broker-settings';
import type { BrokerTestAnswer } from './broker-test-answer';

export interface BrokerTest {
  readonly settings: Config;
  readonly credentials: object;
  /** Rejects with what is wrong with the certificates. */
  readonly tls: () => Promise<TlsOptions | undefined>;
}

/** A connection that takes longer is of no use for a test. */
const LIMIT_MS = 15_000;

/** Ends with the first word of the broker, or when `signal` aborts; never rejects. */
export async function runBrokerTest(
  { settings: draft, credentials, tls }: BrokerTest,
  signal: AbortSignal,
): Promise<BrokerTestAnswer> {
  const startedAt = performance.now();
  let fleet: Fleet | undefined;
  try {
    const { url, settings } = brokerSettings(draft, credentials);
    const options = await tls();
    const limited = { ...settings, connectTimeoutMs: Math.min(settings.connectTimeoutMs, LIMIT_MS) };
    return await new Promise<BrokerTestAnswer>((resolve) => {
      const fail = (error: string) => resolve({ outcome: 'failed', error });
      const onState = (state: FleetState): void => {
        if (state.kind === 'disconnected') resolve(failedBy(state.error));
        if (state.kind === 'connected') {
          resolve({ outcome: 'connected', elapsedMs: Math.round(performance.now() - startedAt) });
        }
      };
      signal.addEventListener('abort', () => fail('the broker did not answer in time'));
      if (signal.aborted) return fail('cancelled');
      fleet = new Fleet(limited, { url, ...(options && { tls: options }), onState });
    });
  } catch (error) {
    return { outcome: 'failed', error: errorText(error) };
  } finally {
    await fleet?.close();
  }
}

function failedBy(error: string): BrokerTestAnswer {
  const advice = adviceOn(error);
  return { outcome: 'failed', error, ...(advice && { advice }) };
}
