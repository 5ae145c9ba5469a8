// Why a segment was sent, where that is not plain: shown as comments in captures.

import type { Note } from '../../wire/frame.ts';

/** A SYN to a closed port. */
export const noteNobodyListens: Note = { text: 'RST: nobody listens on this port' };
/** Any other segment that fits no connection. */
export const noteNoConnection: Note = { text: 'RST: this host knows no such connection' };
/** RFC 9293 3.10.7.3: an acknowledgment of something never sent. */
export const noteMisfit: Note = { text: 'RST: acknowledges what was never sent' };
/** Data for a connection whose application has gone (RFC 1122 4.2.2.13). */
export const noteUnwanted: Note = { text: 'RST: the application has closed' };
/** `TcpSocket.abort`. */
export const noteAborted: Note = { text: 'RST: the application aborts the connection' };
/** RFC 2525 2.17: closed while data waited. */
export const noteUnread: Note = { text: 'RST: closed with data unread' };
/** A SYN or SYN-ACK once more. */
export const noteHandshakeAgain: Note = { text: 'handshake again: no answer so far' };
/** RFC 6298. */
export const noteTimeout: Note = { text: 'retransmission: the timeout is over' };
/** RFC 5681 3.2. */
export const noteFastRetransmit: Note = { text: 'retransmission: the peer misses it' };
/** tcp_simple_retransmit. */
export const notePathMtu: Note = { text: 'retransmission: the path takes only smaller packets' };
/** tcp_send_loss_probe. */
export const noteTailLoss: Note = { text: 'tail loss probe' };
/** tcp_probe_timer. */
export const noteWindowProbe: Note = { text: 'window probe: the peer takes nothing' };
/** tcp_keepalive_timer. */
export const noteKeepAlive: Note = { text: 'keepalive probe' };
/** Keepalive has given up. */
export const noteDead: Note = { text: 'RST: no answer to keepalive probes' };
/** RFC 5961. */
export const noteChallenge: Note = { text: 'challenge ACK (RFC 5961)' };
