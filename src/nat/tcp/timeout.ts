// How long conntrack remembers a silent TCP connection: by its state, and shorter when something
// looks wrong with it. The sysctls are read at the moment of use.

import { unreachable } from '../../base/assert.ts';
import type { HostConf } from '../../stack/sysctl/values.ts';
import { SegmentKind, TrackedState } from './states.ts';
import type { TcpTracking } from './tracking.ts';

/** In seconds, after a segment of this kind. */
export function timeoutAfter(tracking: TcpTracking, kind: SegmentKind, conf: HostConf): number {
  const timeout = timeoutOf(tracking.state, conf);
  const retransmitted = conf.nf_conntrack_tcp_timeout_max_retrans;
  if (tracking.retransmissions >= conf.nf_conntrack_tcp_max_retrans && timeout > retransmitted) {
    return retransmitted;
  }
  if (kind === SegmentKind.Rst) return conf.nf_conntrack_tcp_timeout_close;
  const unacknowledged = conf.nf_conntrack_tcp_timeout_unacknowledged;
  const { original, reply, last } = tracking;
  if ((original.unacknowledged || reply.unacknowledged) && timeout > unacknowledged) {
    return unacknowledged;
  }
  return last.window === 0 && timeout > retransmitted ? retransmitted : timeout;
}

function timeoutOf(state: TrackedState, conf: HostConf): number {
  switch (state) {
    case TrackedState.Established:
      return conf.nf_conntrack_tcp_timeout_established;
    case TrackedState.SynReceived:
      return conf.nf_conntrack_tcp_timeout_syn_recv;
    case TrackedState.FinWait:
      return conf.nf_conntrack_tcp_timeout_fin_wait;
    case TrackedState.CloseWait:
      return conf.nf_conntrack_tcp_timeout_close_wait;
    case TrackedState.LastAck:
      return conf.nf_conntrack_tcp_timeout_last_ack;
    case TrackedState.TimeWait:
      return conf.nf_conntrack_tcp_timeout_time_wait;
    case TrackedState.Close:
      return conf.nf_conntrack_tcp_timeout_close;
    case TrackedState.None:
    case TrackedState.SynSent:
    case TrackedState.SynSent2:
      return conf.nf_conntrack_tcp_timeout_syn_sent;
    default:
      return unreachable(state);
  }
}
