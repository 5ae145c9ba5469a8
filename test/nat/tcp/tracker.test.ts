// Conntrack's view of TCP, segment by segment: states, windows, timeouts, and the odd cases.

import { describe, expect, test } from 'vitest';
import { Connection, ConnectionStatus } from '../../../src/nat/conntrack/connection.ts';
import { Track } from '../../../src/nat/conntrack/track.ts';
import { TCP_STATE_NAMES } from '../../../src/nat/tcp/states.ts';
import { begin, isWellFormed, TcpTracker } from '../../../src/nat/tcp/tracker.ts';
import { parsePacket } from '../../../src/stack/ipv4/packet-reader.ts';
import { Packet } from '../../../src/stack/packet.ts';
import { SysctlTree } from '../../../src/stack/sysctl/tree.ts';
import type { Frame } from '../../../src/wire/frame.ts';
import * as tcp from '../../../src/wire/tcp.ts';
import * as tcpOptions from '../../../src/wire/tcp-options.ts';
import { IP_A, IP_B, L3, L4, tcpFrame } from '../../support/frames.ts';

const { Ack, Fin, Psh, Rst, Syn, Urg } = tcp.Flag;
/** Names of the flags, as in the fixtures. */
const LETTERS: Readonly<Record<string, number>> = {
  S: Syn,
  F: Fin,
  R: Rst,
  P: Psh,
  A: Ack,
  U: Urg,
};

interface SegmentKind {
  readonly seq?: number;
  readonly ack?: number;
  readonly len?: number;
  readonly win?: number;
  readonly scale?: number;
  readonly sackPermitted?: boolean;
  /** Right edge of the one SACK block. */
  readonly sack?: number;
}

type Verdict = 'accept' | 'invalid' | 'killed';

/** One connection between A (who opens it) and B, as a tracker in the middle sees it. */
class Flow {
  readonly conf = new SysctlTree().host;
  connection: Connection | null = null;
  now = 0;
  #killed = false;
  readonly #tracker = new TcpTracker(this.conf, () => {
    this.#killed = true;
  });

  /** A segment from A. Sequence numbers are absolute. */
  a(flags: string, segment: SegmentKind = {}): Verdict {
    return this.#pass(false, flags, segment);
  }

  /** A segment from B. */
  b(flags: string, segment: SegmentKind = {}): Verdict {
    return this.#pass(true, flags, segment);
  }

  /** A and B shake hands: A begins at 1000, B at 5000. */
  handshake(options: SegmentKind = {}): this {
    this.a('S', { seq: 1000, ...options });
    this.b('SA', { seq: 5000, ack: 1001, ...options });
    this.a('A', { seq: 1001, ack: 5001 });
    return this;
  }

  get state(): string {
    const state = this.connection?.tcp?.state;
    return state === undefined ? 'gone' : (TCP_STATE_NAMES[state] ?? '?');
  }

  /** Seconds until it expires. */
  get timeout(): number {
    return ((this.connection?.expires ?? this.now) - this.now) / 1e9;
  }

  get assured(): boolean {
    return this.connection?.has(ConnectionStatus.Assured) ?? false;
  }

  #pass(isReply: boolean, letters: string, segment: SegmentKind): Verdict {
    const packet = packetOf(letters, segment, isReply);
    if (!isWellFormed(packet, true)) return 'invalid';
    const connection = this.connection ?? this.#open(packet);
    if (connection === null || connection.tcp === null) return 'invalid';
    const track = this.#tracker.track(connection, connection.tcp, packet, isReply, this.now);
    if (track === Track.Reopen) {
      this.#killed = false;
      const anew = this.#open(packet);
      if (anew === null || anew.tcp === null) return 'invalid';
      // Whoever begins is the original direction now.
      this.#tracker.track(anew, anew.tcp, packet, false, this.now);
      return 'accept';
    }
    if (track === Track.Invalid) return 'invalid';
    if (isReply) connection.status |= ConnectionStatus.SeenReply;
    if (!this.#killed) return 'accept';
    this.#killed = false;
    this.connection = null;
    return 'killed';
  }

  #open(packet: Packet): Connection | null {
    const tracking = begin(packet, this.conf);
    if (tracking === null) return null;
    this.connection = new Connection(1, this.now, packet, tracking);
    return this.connection;
  }
}

function packetOf(letters: string, segment: SegmentKind, isReply = false): Packet {
  const flags = [...letters].reduce((sum, letter) => sum | (LETTERS[letter] ?? 0), 0);
  const { seq = 0, ack = 0, len = 0, win = 64_000, scale, sackPermitted = false, sack } = segment;
  const writers: ((frame: Frame, at: number) => number)[] = [];
  let optionsLength = 0;
  if (scale !== undefined) {
    optionsLength += tcpOptions.WINDOW_SCALE_LENGTH;
    writers.push((frame, at) => tcpOptions.emitWindowScale(frame, at, scale));
  }
  if (sackPermitted) {
    optionsLength += tcpOptions.SACK_PERMITTED_LENGTH;
    writers.push((frame, at) => tcpOptions.emitSackPermitted(frame, at));
  }
  if (sack !== undefined) {
    optionsLength += 12;
    writers.push((frame, at) => {
      frame.view.setUint32(at, 0x0101_050a);
      frame.view.setUint32(at + 4, sack - 100);
      frame.view.setUint32(at + 8, sack);
      return at + 12;
    });
  }
  const frame = tcpFrame(
    {
      sourcePort: isReply ? 80 : 40_000,
      destinationPort: isReply ? 40_000 : 80,
      sequenceNumber: seq >>> 0,
      acknowledgmentNumber: ack >>> 0,
      flags,
      window: win,
      optionsLength,
      emitOptions: (made, at) => {
        writers.reduce((here, write) => write(made, here), at);
      },
    },
    new Uint8Array(len),
    isReply ? { source: IP_B, destination: IP_A } : {},
  );
  const packet = new Packet();
  if (!parsePacket(packet, frame, frame.start + L3)) throw new Error('malformed');
  return packet;
}

describe('the states of an orderly connection', () => {
  test('handshake, data, close by A, close by B', () => {
    const flow = new Flow();
    const steps: [Verdict, string, number][] = [];
    const note = (verdict: Verdict): void => {
      steps.push([verdict, flow.state, flow.timeout]);
    };
    note(flow.a('S', { seq: 1000 }));
    note(flow.b('SA', { seq: 5000, ack: 1001 }));
    note(flow.a('A', { seq: 1001, ack: 5001 }));
    note(flow.a('PA', { seq: 1001, ack: 5001, len: 10 }));
    note(flow.b('A', { seq: 5001, ack: 1011 }));
    note(flow.a('FA', { seq: 1011, ack: 5001 }));
    note(flow.b('A', { seq: 5001, ack: 1012 }));
    note(flow.b('FA', { seq: 5001, ack: 1012 }));
    note(flow.a('A', { seq: 1012, ack: 5002 }));
    expect(steps).toEqual([
      ['accept', 'SYN_SENT', 120],
      ['accept', 'SYN_RECV', 60],
      ['accept', 'ESTABLISHED', 432_000],
      ['accept', 'ESTABLISHED', 300], // unacknowledged data
      ['accept', 'ESTABLISHED', 432_000],
      ['accept', 'FIN_WAIT', 120],
      ['accept', 'CLOSE_WAIT', 60],
      ['accept', 'LAST_ACK', 30],
      ['accept', 'TIME_WAIT', 120],
    ]);
    expect(flow.assured).toBe(true);
  });

  test('B closes with its acknowledgment: FIN_WAIT goes to LAST_ACK at once', () => {
    const flow = new Flow().handshake();
    flow.a('FA', { seq: 1001, ack: 5001 });
    flow.b('FA', { seq: 5001, ack: 1002 });
    expect(flow.state).toBe('LAST_ACK');
  });

  test('simultaneous open is established by the acknowledgments of both SYNs', () => {
    const flow = new Flow();
    flow.a('S', { seq: 1000 });
    flow.b('S', { seq: 5000 });
    expect(flow.state).toBe('SYN_SENT2');
    flow.a('SA', { seq: 1000, ack: 5001 });
    expect(flow.state).toBe('SYN_RECV');
    expect(flow.b('SA', { seq: 5000, ack: 1001 })).toBe('accept');
    expect(flow.b('A', { seq: 5001, ack: 1001 })).toBe('accept');
    expect(flow.state).toBe('ESTABLISHED');
  });

  test('sequence numbers wrap', () => {
    const flow = new Flow();
    flow.a('S', { seq: 0xffff_fffe });
    flow.b('SA', { seq: 0x7fff_ffff, ack: 0xffff_ffff });
    flow.a('A', { seq: 0xffff_ffff, ack: 0x8000_0000 });
    expect(flow.a('PA', { seq: 0xffff_ffff, ack: 0x8000_0000, len: 100 })).toBe('accept');
    expect(flow.b('A', { seq: 0x8000_0000, ack: 99 })).toBe('accept');
    expect(flow.a('PA', { seq: 99, ack: 0x8000_0000, len: 1 })).toBe('accept');
  });
});

describe('timeouts', () => {
  test('SYNs that nobody answers do not renew the timeout', () => {
    const flow = new Flow();
    flow.a('S', { seq: 1000 });
    flow.now = 3e9;
    flow.a('S', { seq: 1000 });
    expect(flow.timeout).toBe(117);
  });

  test('the same acknowledgment, over and over, shortens it to max_retrans', () => {
    const flow = new Flow().handshake();
    const again = (): Verdict => flow.a('PA', { seq: 1001, ack: 5001, len: 10 });
    again();
    flow.b('A', { seq: 5001, ack: 1011 });
    flow.conf.nf_conntrack_tcp_timeout_max_retrans = 200;
    for (let i = 0; i < 4; i++) flow.b('A', { seq: 5001, ack: 1011 });
    expect(flow.timeout).toBe(200);
  });

  test('a closed window shortens it, too', () => {
    const flow = new Flow().handshake();
    flow.b('A', { seq: 5001, ack: 1001, win: 0 });
    expect(flow.timeout).toBe(300);
    flow.b('A', { seq: 5001, ack: 1001, win: 100 });
    expect(flow.timeout).toBe(432_000);
  });

  test('sysctls count at the moment of use', () => {
    const flow = new Flow().handshake();
    flow.conf.nf_conntrack_tcp_timeout_established = 100;
    flow.a('A', { seq: 1001, ack: 5001 });
    expect(flow.timeout).toBe(100);
  });
});

describe('the window check', () => {
  /** Both ends offer 1,000 octets. */
  function smallWindows(): Flow {
    const flow = new Flow();
    flow.a('S', { seq: 1000, win: 1000 });
    flow.b('SA', { seq: 5000, ack: 1001, win: 1000 });
    flow.a('A', { seq: 1001, ack: 5001, win: 1000 });
    return flow;
  }

  test('data far beyond the window that the peer offered is invalid', () => {
    const flow = smallWindows();
    expect(flow.a('PA', { seq: 2001, ack: 5001, len: 10 })).toBe('accept');
    expect(flow.a('PA', { seq: 3100, ack: 5001, len: 10 })).toBe('invalid');
  });

  test('a little beyond it passes, and may then be acknowledged', () => {
    const flow = smallWindows();
    expect(flow.b('A', { seq: 5001, ack: 2012 })).toBe('invalid');
    expect(flow.a('PA', { seq: 2002, ack: 5001, len: 10 })).toBe('accept');
    expect(flow.b('A', { seq: 5001, ack: 2012 })).toBe('accept');
  });

  test('… unless be_liberal says not to look', () => {
    const flow = new Flow().handshake();
    flow.conf.nf_conntrack_tcp_be_liberal = 1;
    expect(flow.a('PA', { seq: 9_000_000, ack: 5001, len: 10 })).toBe('accept');
  });

  test('data older than a whole window passes, and teaches nothing', () => {
    const flow = smallWindows();
    flow.a('PA', { seq: 1001, ack: 5001, len: 900 });
    flow.b('A', { seq: 5001, ack: 1901, win: 1000 });
    flow.a('PA', { seq: 1901, ack: 5001, len: 900 });
    flow.b('A', { seq: 5001, ack: 2801, win: 1000 });
    flow.now = 5e9;
    expect(flow.a('FA', { seq: 1001, ack: 5001, len: 100 })).toBe('accept');
    expect([flow.state, flow.timeout]).toEqual(['ESTABLISHED', 431_995]);
    expect(flow.a('PA', { seq: 1801, ack: 5001, len: 1000 })).toBe('accept'); // within a window
    expect(flow.timeout).toBe(432_000);
  });

  test('an acknowledgment of what was never sent is invalid', () => {
    const flow = new Flow().handshake();
    expect(flow.b('A', { seq: 5001, ack: 1002 })).toBe('invalid');
    expect(flow.b('A', { seq: 5001, ack: 1001 })).toBe('accept');
  });

  test('an acknowledgment overly delayed passes, and teaches nothing', () => {
    const flow = new Flow().handshake();
    let seq = 1001;
    for (let i = 0; i < 4; i++, seq += 20_000) {
      flow.a('PA', { seq, ack: 5001, len: 20_000 });
      flow.b('A', { seq: 5001, ack: seq + 20_000 });
    }
    flow.now = 5e9;
    expect(flow.b('A', { seq: 5001, ack: seq - 66_001 })).toBe('accept');
    expect(flow.timeout).toBe(431_995);
    expect(flow.b('A', { seq: 5001, ack: seq - 66_000 })).toBe('accept');
    expect(flow.timeout).toBe(432_000);
  });

  test('windows are scaled only if both ends said so', () => {
    const both = new Flow().handshake({ scale: 7 });
    both.b('A', { seq: 5001, ack: 1001, win: 1000 });
    expect(both.a('PA', { seq: 1001 + 100_000, ack: 5001, len: 10 })).toBe('accept');
    const one = new Flow();
    one.a('S', { seq: 1000, win: 1000, scale: 7 });
    one.b('SA', { seq: 5000, ack: 1001, win: 1000 });
    one.a('A', { seq: 1001, ack: 5001, win: 1000 });
    expect(one.a('PA', { seq: 1001 + 100_000, ack: 5001, len: 10 })).toBe('invalid');
  });

  test('a selective acknowledgment counts for what it covers', () => {
    const flow = new Flow().handshake({ sackPermitted: true });
    flow.a('PA', { seq: 1001, ack: 5001, len: 500 });
    expect(flow.b('A', { seq: 5001, ack: 1001, sack: 1501 })).toBe('accept');
    // A SACK of data that was never sent acknowledges too much.
    expect(flow.b('A', { seq: 5001, ack: 1001, sack: 1502 })).toBe('invalid');
  });

  test('a probe of a closed window may be one octet long', () => {
    const flow = new Flow().handshake();
    flow.b('A', { seq: 5001, ack: 1001, win: 0 });
    expect(flow.a('A', { seq: 1001, ack: 5001, len: 1 })).toBe('accept');
  });
});

describe('connections whose beginning was missed', () => {
  test('an ACK is picked up as ESTABLISHED for five minutes, and judged liberally', () => {
    const flow = new Flow();
    expect(flow.a('PA', { seq: 7000, ack: 9000, len: 10 })).toBe('accept');
    expect([flow.state, flow.timeout, flow.assured]).toEqual(['ESTABLISHED', 300, false]);
    expect(flow.b('A', { seq: 9000, ack: 7010 })).toBe('accept');
    expect([flow.timeout, flow.assured]).toEqual([300, false]);
    expect(flow.a('A', { seq: 7010, ack: 9000 })).toBe('accept');
    expect([flow.timeout, flow.assured]).toEqual([432_000, true]);
    expect(flow.a('PA', { seq: 900_000, ack: 9000, len: 10 })).toBe('accept');
  });

  test('with tcp_loose=0 it is invalid, and so are all other beginnings but a SYN', () => {
    const strict = new Flow();
    strict.conf.nf_conntrack_tcp_loose = 0;
    expect(strict.a('A', { seq: 7000, ack: 9000 })).toBe('invalid');
    for (const flags of ['SA', 'FA', 'R', 'RA']) expect(new Flow().a(flags)).toBe('invalid');
    expect(strict.a('S', { seq: 7000 })).toBe('accept');
  });
});

describe('RST', () => {
  test('as the only answer to a SYN it ends the connection at once', () => {
    const flow = new Flow();
    flow.a('S', { seq: 1000 });
    expect(flow.b('RA', { seq: 0, ack: 1001 })).toBe('killed');
  });

  test('with the exact number it closes an established connection', () => {
    const flow = new Flow().handshake();
    expect(flow.b('R', { seq: 5001 })).toBe('accept');
    expect([flow.state, flow.timeout]).toEqual(['CLOSE', 10]);
  });

  test('in the window but not exact, the state stays, for the receiver may challenge it', () => {
    const flow = new Flow().handshake();
    expect(flow.b('R', { seq: 5050 })).toBe('accept');
    expect([flow.state, flow.timeout]).toEqual(['ESTABLISHED', 10]);
  });

  test('right behind data of the same sender it is exact enough', () => {
    const flow = new Flow().handshake();
    flow.b('PA', { seq: 5001, ack: 1001, len: 19 });
    expect(flow.b('RA', { seq: 5020, ack: 1001 })).toBe('accept');
    expect(flow.state).toBe('CLOSE');
  });

  test('before what was acknowledged it is invalid, unless the sysctl ignores that', () => {
    const flow = new Flow().handshake();
    expect(flow.b('R', { seq: 4000 })).toBe('invalid');
    flow.conf.nf_conntrack_tcp_ignore_invalid_rst = 1;
    flow.b('R', { seq: 4990 });
    expect(flow.state).not.toBe('CLOSE');
  });

  test('beyond the window it is invalid', () => {
    const flow = new Flow().handshake();
    expect(flow.b('R', { seq: 5001 + 200_000 })).toBe('invalid');
    expect([flow.state, flow.timeout]).toEqual(['ESTABLISHED', 432_000]);
    // Both ends say goodbye, and conntrack understands neither: not worth five days.
    expect(flow.a('R', { seq: 1001 + 200_000 })).toBe('invalid');
    expect([flow.state, flow.timeout]).toEqual(['ESTABLISHED', 300]);
  });

  test('while the connection closes, any is believed', () => {
    const flow = new Flow().handshake();
    flow.a('FA', { seq: 1001, ack: 5001 });
    expect(flow.b('R', { seq: 123 })).toBe('accept');
    expect(flow.state).toBe('CLOSE');
  });
});

describe('a connection that begins anew under the same ports', () => {
  test('after TIME_WAIT it is a new one', () => {
    const flow = new Flow().handshake();
    flow.a('FA', { seq: 1001, ack: 5001 });
    flow.b('FA', { seq: 5001, ack: 1002 });
    flow.a('A', { seq: 1002, ack: 5002 });
    expect(flow.state).toBe('TIME_WAIT');
    const old = flow.connection;
    expect(flow.a('S', { seq: 90_000 })).toBe('accept');
    expect(flow.state).toBe('SYN_SENT');
    expect(flow.connection).not.toBe(old);
  });

  test('after a reset by the same end, too; else the SYN is only remembered', () => {
    const mine = new Flow().handshake();
    mine.a('R', { seq: 1001 });
    expect(mine.state).toBe('CLOSE');
    mine.a('S', { seq: 90_000 });
    expect(mine.state).toBe('SYN_SENT');
    const theirs = new Flow().handshake();
    theirs.b('R', { seq: 5001 });
    expect(theirs.a('S', { seq: 90_000 })).toBe('accept');
    expect(theirs.state).toBe('CLOSE');
  });

  test('a SYN within an established connection passes; the SYN-ACK to it sets conntrack right', () => {
    const flow = new Flow().handshake();
    expect(flow.a('S', { seq: 90_000 })).toBe('accept');
    expect(flow.state).toBe('ESTABLISHED');
    expect(flow.b('SA', { seq: 70_000, ack: 90_001 })).toBe('accept');
    expect(flow.state).toBe('SYN_RECV');
    expect(flow.a('A', { seq: 90_001, ack: 70_001 })).toBe('accept');
    expect(flow.state).toBe('ESTABLISHED');
    expect(flow.a('PA', { seq: 90_001, ack: 70_001, len: 10 })).toBe('accept');
  });

  test('a SYN-ACK that acknowledges something else changes nothing', () => {
    const flow = new Flow().handshake();
    flow.a('S', { seq: 90_000 });
    flow.b('SA', { seq: 70_000, ack: 12_345 });
    expect(flow.state).toBe('ESTABLISHED');
  });

  test('a RST that answers the ignored SYN is believed, one from the same end is not', () => {
    const flow = new Flow().handshake();
    flow.a('S', { seq: 90_000 });
    expect(flow.a('RA', { seq: 900_000, ack: 90_001 })).toBe('invalid');
    expect(flow.b('RA', { seq: 900_000, ack: 90_001 })).toBe('invalid');
    const other = new Flow().handshake();
    other.a('S', { seq: 90_000 });
    expect(other.b('RA', { seq: 900_000, ack: 90_001 })).toBe('accept');
    expect(other.state).toBe('CLOSE');
  });

  test('the challenge to a SYN in LAST_ACK is not the last ACK', () => {
    const flow = new Flow().handshake();
    flow.a('FA', { seq: 1001, ack: 5001 });
    flow.b('FA', { seq: 5001, ack: 1002 });
    flow.a('S', { seq: 90_000 });
    expect(flow.b('A', { seq: 5002, ack: 1002 })).toBe('accept');
    expect(flow.state).toBe('LAST_ACK');
    expect(flow.b('A', { seq: 5002, ack: 1002 })).toBe('accept');
    expect(flow.state).toBe('TIME_WAIT');
  });

  test('the challenge to a SYN of a half-open connection, and the RST that follows', () => {
    const flow = new Flow();
    flow.a('S', { seq: 1000 });
    expect(flow.b('A', { seq: 7000, ack: 8000 })).toBe('accept');
    expect(flow.state).toBe('SYN_SENT');
    expect(flow.a('R', { seq: 8000 })).toBe('accept');
    expect(flow.state).toBe('CLOSE');
  });

  test('a server may take the part of the client after TIME_WAIT', () => {
    const flow = new Flow().handshake();
    flow.b('FA', { seq: 5001, ack: 1001 });
    flow.a('FA', { seq: 1001, ack: 5002 });
    flow.b('A', { seq: 5002, ack: 1002 });
    expect(flow.state).toBe('TIME_WAIT');
    expect(flow.b('S', { seq: 123_456 })).toBe('accept');
    expect(flow.state).toBe('SYN_SENT');
  });
});

describe('malformed segments', () => {
  test.each(['', 'SF', 'SR', 'FR', 'F', 'U', 'SFA', 'RU', 'SUFRA'])('flags "%s"', (flags) => {
    expect(isWellFormed(packetOf(flags, {}), true)).toBe(false);
  });

  test.each(['S', 'SA', 'A', 'PA', 'FA', 'R', 'RA', 'AU', 'FAU', 'SU'])('"%s" may be', (flags) => {
    expect(isWellFormed(packetOf(flags, {}), true)).toBe(true);
  });

  test('a wrong checksum counts where packets come in, and only there', () => {
    const packet = packetOf('A', { len: 4 });
    packet.frame.bytes[packet.end - 1] = 7;
    expect(isWellFormed(packet, true)).toBe(false);
    expect(isWellFormed(packet, false)).toBe(true);
  });

  test('a header that says it is longer than the packet', () => {
    const packet = packetOf('A', {});
    tcp.setDataOffset(packet.frame, packet.frame.start + L4, 60);
    expect(isWellFormed(packet, false)).toBe(false);
  });
});
