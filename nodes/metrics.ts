/** Metrics that all nodes record to; as a module they outlive every deploy. */
import { Metrics } from '../src/observers/metrics';

export const metrics = new Metrics();
