// When TCP gives up, as Linux counts it: tcp_retries2 and its like are not numbers of retransmissions
// but the time that so many doublings from 200 ms would take (retransmits_timed_out).

import type { Nanos } from '../../sim/time.ts';
import type { Host } from '../host.ts';
import type { Errno } from '../socket/errno.ts';
import { MAXIMUM_RTO, MINIMUM_RTO } from './rto.ts';

/** ilog2(TCP_RTO_MAX / TCP_RTO_MIN): so many doublings reach the maximum. */
const DOUBLINGS = 9;
/** tcp_orphan_retries: what 0 means while the timeout still grows. */
const ORPHAN_RETRIES = 8;

/** What counts besides the sysctls. */
interface RetryingConnection {
  readonly host: Host;
  /** Its application has closed it. */
  readonly isOrphan: boolean;
  /** What ICMP said about the path. */
  readonly softError: Errno | null;
}

/** tcp_model_timeout: 924.6 s for 15 retries, 102.2 s for 8. */
export function modelTimeout(retries: number): Nanos {
  const doubled = (2 ** (Math.min(retries, DOUBLINGS) + 1) - 1) * MINIMUM_RTO;
  return doubled + Math.max(0, retries - DOUBLINGS) * MAXIMUM_RTO;
}

/** How often to try; less for a connection that its application has closed (tcp_orphan_retries). */
export function retryLimit(connection: RetryingConnection, rto: Nanos): number {
  const { host } = connection.host.sysctl;
  if (!connection.isOrphan) return host.tcp_retries2;
  const growing = rto < MAXIMUM_RTO;
  if (connection.softError !== null && !growing) return 0;
  return host.tcp_orphan_retries || (growing ? ORPHAN_RETRIES : 0);
}
