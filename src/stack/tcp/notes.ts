// Why a segment was sent, where that is not plain: shown as comments in captures.

import type { Note } from '../../wire/frame.ts';

export const noteNobodyListens: Note = { text: 'RST: nobody listens on this port' };
export const noteNoConnection: Note = { text: 'RST: this host knows no such connection' };
export const noteMisfit: Note = { text: 'RST: acknowledges what was never sent' };
export const noteUnwanted: Note = { text: 'RST: the application has closed' };
export const noteAborted: Note = { text: 'RST: the application aborts the connection' };
export const noteUnread: Note = { text: 'RST: closed with data unread' };
export const noteHandshakeAgain: Note = { text: 'handshake again: no answer so far' };
export const noteTimeout: Note = { text: 'retransmission: the timeout is over' };
export const noteFastRetransmit: Note = { text: 'retransmission: the peer misses it' };
export const notePathMtu: Note = { text: 'retransmission: the path takes only smaller packets' };
export const noteTailLoss: Note = { text: 'tail loss probe' };
export const noteWindowProbe: Note = { text: 'window probe: the peer takes nothing' };
export const noteKeepAlive: Note = { text: 'keepalive probe' };
export const noteDead: Note = { text: 'RST: no answer to keepalive probes' };
export const noteChallenge: Note = { text: 'challenge ACK (RFC 5961)' };
