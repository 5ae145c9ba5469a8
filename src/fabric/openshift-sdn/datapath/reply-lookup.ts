// `ct_state=+rpl`: whether a packet answers a connection that the node's conntrack knows. br0 and the
// host share one conntrack zone, so what came in by tun0 is known here.

import type { Conntrack } from '../../../nat/conntrack/conntrack.ts';
import type { Nanos } from '../../../sim/time.ts';
import type { Frame } from '../../../wire/frame.ts';
import * as ipv4 from '../../../wire/ipv4.ts';
import { IpProtocol } from '../../../wire/numbers.ts';

/** False for what is neither TCP nor UDP: the bridge asks before it looks deeper. */
export function isReply(conntrack: Conntrack, frame: Frame, l3: number, now: Nanos): boolean {
  const protocol = ipv4.protocol(frame, l3);
  const l4 = l3 + ipv4.headerLength(frame, l3);
  const hasPorts = protocol === IpProtocol.Tcp || protocol === IpProtocol.Udp;
  if (!hasPorts || ipv4.fragmentOffset(frame, l3) > 0 || l4 + 4 > frame.end) return false;
  const { view } = frame;
  const tuple = conntrack.table.find(
    protocol,
    ipv4.source(frame, l3),
    ipv4.destination(frame, l3),
    view.getUint16(l4),
    view.getUint16(l4 + 2),
    now,
  );
  return tuple?.isReply ?? false;
}
