// Van Jacobson's header prediction as Linux has it (tcp_rcv_established): data that comes just as
// expected is taken before the acknowledgment number is looked at, and so even if that is too old.

import { Flag, HEADER_LENGTH } from '../../wire/tcp.ts';
import { TIMESTAMPS_LENGTH } from '../../wire/tcp-options.ts';
import type { TcpConnection } from './connection.ts';
import type { TcpSegment } from './segment.ts';
import { after } from './sequence.ts';
import { trueSize } from './socket-memory.ts';
import { TcpState } from './state.ts';

/** Whether a segment is what was expected: the next data, and nothing new besides. */
export function isPredicted(connection: TcpConnection, segment: TcpSegment): boolean {
  const { receiver, sender, timestamps, state } = connection;
  const { sequence, acknowledgment, dataLength, headerLength, flags, window, frame } = segment;
  const usual = HEADER_LENGTH + (timestamps.enabled ? TIMESTAMPS_LENGTH : 0);
  return (
    state === TcpState.Established &&
    dataLength > 0 &&
    sequence === receiver.next &&
    !after(acknowledgment, sender.next) &&
    headerLength === usual &&
    segment.hasTimestamps === timestamps.enabled &&
    !timestamps.isOld(segment) &&
    (flags & ~Flag.Psh) === Flag.Ack &&
    window << sender.window.shift === sender.window.octets &&
    !receiver.hasGap &&
    receiver.window.promised(receiver.next) > 0 &&
    trueSize(frame.length) <= receiver.memory.spare
  );
}
