// How long conntrack remembers a silent TCP connection: by its state, and shorter when something
// looks wrong with it. The sysctls are read at the moment of use.

import { unreachable } from '../../base/assert.ts';
import type { HostConf } from '../../stack/sysctl/values.ts';
import { Segment, TcpState } from './states.ts';
import type { TcpTracking } from './tracking.ts';

/** In seconds, after a segment of this kind. */
export function timeoutAfter(tracking: TcpTracking, kind: Segment, conf: HostConf): number {
  const timeout = timeoutOf(tracking.state, conf);
  const retransmitted = conf.nf_conntrack_tcp_timeout_max_retrans;
  if (tracking.retransmissions >= conf.nf_conntrack_tcp_max_retrans && timeout > retransmitted) {
    return retransmitted;
  }
  if (kind === Segment.Rst) return conf.nf_conntrack_tcp_timeout_close;
  const unacknowledged = conf.nf_conntrack_tcp_timeout_unacknowledged;
  const { original, reply, last } = tracking;
  if ((original.unacknowledged || reply.unacknowledged) && timeout > unacknowledged) {
    return unacknowledged;
  }
  return last.window === 0 && timeout > retransmitted ? retransmitted : timeout;
}

function timeoutOf(state: TcpState, conf: HostConf): number {
  switch (state) {
    case TcpState.Established:
      return conf.nf_conntrack_tcp_timeout_established;
    case TcpState.SynReceived:
      return conf.nf_conntrack_tcp_timeout_syn_recv;
    case TcpState.FinWait:
      return conf.nf_conntrack_tcp_timeout_fin_wait;
    case TcpState.CloseWait:
      return conf.nf_conntrack_tcp_timeout_close_wait;
    case TcpState.LastAck:
      return conf.nf_conntrack_tcp_timeout_last_ack;
    case TcpState.TimeWait:
      return conf.nf_conntrack_tcp_timeout_time_wait;
    case TcpState.Close:
      return conf.nf_conntrack_tcp_timeout_close;
    case TcpState.None:
    case TcpState.SynSent:
    case TcpState.SynSent2:
      return conf.nf_conntrack_tcp_timeout_syn_sent;
    default:
      return unreachable(state);
  }
}
