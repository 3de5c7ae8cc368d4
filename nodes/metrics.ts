/** Owns the one set of metrics that all nodes record to; as a module it outlives every deploy. */
import { Metrics } from '../src/observers/metrics';

export const metrics = new Metrics();
