// What the two SYNs of a connection settle (RFC 9293 3.5, RFC 7323 2 and 3): sequence numbers, window
// scales, timestamps, and how long a segment may be.

import { Flag } from '../../wire/tcp.ts';
import { TIMESTAMPS_LENGTH } from '../../wire/tcp-options.ts';
import type { TcpConnection } from './connection.ts';
import type { TcpSegment } from './segment.ts';

/** The peer's SYN: its sequence number and options. */
export function takeSyn(connection: TcpConnection, segment: TcpSegment): void {
  const { size, timestamps, receiver, sender } = connection;
  if (segment.mss > 0) size.peer = segment.mss;
  timestamps.start(segment);
  receiver.start(segment.sequence);
  const scaled = segment.windowScale >= 0;
  sender.window.shift = scaled ? segment.windowScale : 0;
  receiver.window.shift = scaled ? receiver.window.offeredShift : 0;
  // Who answers a SYN knows already how much room the options take.
  const options = timestamps.enabled ? TIMESTAMPS_LENGTH : 0;
  if (connection.listener !== null) receiver.window.begin(connection.advertisedMss - options);
}

/** The peer has acknowledged our SYN with this segment. */
export function takeSynAcknowledgment(connection: TcpConnection, segment: TcpSegment): void {
  const { handshake, sender, size, timestamps, host } = connection;
  const measured = handshake.finish();
  sender.window.start(segment, segment.has(Flag.Syn));
  size.window = sender.window.largest;
  const payload = size.payload(timestamps.enabled);
  sender.start(payload, handshake.retransmissions > 1);
  connection.receiver.window.open(connection.advertisedMss, payload);
  const { now } = host.scheduler;
  const roundTrip = measured >= 0 ? measured : timestamps.roundTrip(segment, now);
  if (roundTrip >= 0) sender.rtt.sample(roundTrip, sender.una, sender.next);
  else sender.rtt.fallBack();
  connection.established();
}
