import { describe, expect, test } from 'vitest';
import { StackDrop } from '../../../src/stack/drop-reason.ts';
import { HookPoint, HookPriority } from '../../../src/stack/hooks.ts';
import { Verdict } from '../../../src/stack/packet.ts';
import type { Frame } from '../../../src/wire/frame.ts';
import { IpProtocol } from '../../../src/wire/numbers.ts';
import * as tcp from '../../../src/wire/tcp.ts';
import { ip } from '../../support/frames.ts';
import { Lan } from '../../support/lan.ts';
import { ascii, Puppet, Recorder } from '../../support/tcp.ts';
import { Conversation } from './conversation.ts';

describe('RFC 5961', () => {
  test('a RST at the expected sequence number resets', () => {
    const talk = new Conversation().establish();
    talk.say({ flags: 'R', sequence: 1 });
    expect(talk.app.calls).toEqual(['connected', 'ECONNRESET']);
    expect(talk.news()).toEqual([]);
  });

  test('a RST elsewhere in the window is challenged, at most every 500 ms', () => {
    const talk = new Conversation().establish();
    talk.say({ flags: 'R', sequence: 50 });
    talk.say({ flags: 'R', sequence: 51 });
    expect(talk.news()).toEqual(['A 1 ack 1']);
    talk.lan.run(0.5);
    talk.say({ flags: 'R', sequence: 52 });
    expect(talk.news()).toEqual(['A 1 ack 1']);
    expect(talk.state).toBe('ESTAB');
  });

  test('a RST outside the window is dropped', () => {
    const talk = new Conversation().establish();
    talk.say({ flags: 'R', sequence: 100_000 });
    expect(talk.news()).toEqual([]);
    expect(talk.stack.drops.of(StackDrop.TcpInvalidSequence)).toBe(1);
  });

  test('a SYN is challenged wherever it is', () => {
    for (const sequence of [0, 1, 50, 100_000]) {
      const talk = new Conversation().establish();
      talk.say({ flags: 'S', sequence });
      expect(talk.news(), `sequence ${sequence}`).toEqual(['A 1 ack 1']);
      expect(talk.state).toBe('ESTAB');
    }
  });

  test('an acknowledgment of what was never sent is challenged, and its data not taken', () => {
    const talk = new Conversation().establish();
    talk.say({ flags: 'PA', acknowledgment: 99, data: 'injected' });
    expect(talk.news()).toEqual(['A 1 ack 1']);
    expect(talk.app.text).toBe('');
    expect(talk.stack.drops.of(StackDrop.TcpInvalidAck)).toBe(1);
  });

  test('the same is challenged while closing', () => {
    const talk = new Conversation().establish();
    talk.connection.end();
    talk.say({ flags: 'A', acknowledgment: 99 });
    expect(talk.news()).toEqual(['FA 1 ack 1', 'A 2 ack 1']);
  });

  test('an acknowledgment of long ago is challenged, and its data not taken', () => {
    const talk = new Conversation().establish();
    talk.say({ flags: 'PA', acknowledgment: -50_000, data: 'injected' });
    expect(talk.news()).toEqual(['A 1 ack 1']);
    expect(talk.app.text).toBe('');
  });

  test('unless it comes just as predicted: then the data is taken before anybody looks', () => {
    const talk = new Conversation().establish();
    // Who reads gives the memory back that prediction needs.
    talk.connection.pause();
    talk.say({ flags: 'PA', data: 'first' });
    talk.news();
    talk.say({ flags: 'PA', sequence: 6, acknowledgment: -50_000, data: 'second' });
    expect(talk.news()).toEqual(['A 1 ack 12']);
    talk.connection.resume();
    expect(talk.app.text).toBe('firstsecond');
  });

  test('without ACK a segment is nothing, even out of place', () => {
    const talk = new Conversation().establish();
    talk.say({ flags: 'F', sequence: -50, data: 'old' });
    expect(talk.news()).toEqual([]);
    expect(talk.stack.drops.of(StackDrop.TcpFlags)).toBe(1);
  });

  test('data with an acknowledgment that is merely old is taken', () => {
    const talk = new Conversation().establish();
    talk.connection.write(ascii('four'));
    talk.say({ flags: 'A', acknowledgment: 5 });
    talk.say({ flags: 'PA', acknowledgment: 3, data: 'late' });
    expect(talk.app.text).toBe('late');
  });
});

describe('what does not fit', () => {
  test('a segment without ACK is dropped', () => {
    const talk = new Conversation().establish();
    talk.say({ flags: 'P', data: 'x' });
    talk.say({ flags: '' });
    expect(talk.app.text).toBe('');
    expect(talk.stack.drops.of(StackDrop.TcpFlags)).toBe(2);
  });

  test('old data is acknowledged at once and not delivered again', () => {
    const talk = new Conversation().establish();
    talk.say({ flags: 'PA', data: 'once' });
    talk.news();
    talk.say({ flags: 'PA', data: 'once' });
    expect(talk.news()).toEqual(['A 1 ack 5']);
    expect(talk.app.text).toBe('once');
    expect(talk.stack.drops.of(StackDrop.TcpOldData)).toBe(1);
  });

  test('of data that is partly old the new part is taken', () => {
    const talk = new Conversation().establish();
    talk.say({ flags: 'PA', data: 'one two ' });
    talk.say({ flags: 'PA', sequence: 5, data: 'two three' });
    expect(talk.app.text).toBe('one two three');
  });

  test('data beyond the window is acknowledged and dropped', () => {
    const talk = new Conversation().establish();
    talk.say({ flags: 'PA', sequence: 70_000, data: 'far' });
    expect(talk.news()).toEqual(['A 1 ack 1']);
    expect(talk.stack.drops.of(StackDrop.TcpInvalidSequence)).toBe(1);
  });

  test('an empty segment out of place is answered at most every 500 ms (a keepalive probe, say)', () => {
    const talk = new Conversation().establish();
    for (let i = 0; i < 12; i++) talk.say({ flags: 'A', sequence: 0 }, 0.1);
    expect(talk.news()).toHaveLength(3);
  });

  test('PAWS: a segment with an older timestamp is acknowledged and dropped', () => {
    const talk = new Conversation().establish({ timestamps: [1000, 1] });
    expect(talk.connection.timestamps.enabled).toBe(true);
    talk.say({ flags: 'PA', data: 'new', timestamps: [2000, 1] });
    talk.news();
    talk.say({ flags: 'PA', sequence: 4, data: 'old', timestamps: [1500, 1] });
    expect(talk.news()).toEqual(['A 1 ack 4']);
    expect(talk.app.text).toBe('new');
    expect(talk.stack.drops.of(StackDrop.TcpOldTimestamp)).toBe(1);
  });

  test('PAWS: an acknowledgment of long ago is dropped in silence, a late one taken', () => {
    const talk = new Conversation().establish({ timestamps: [1000, 1] });
    talk.say({ flags: 'PA', data: 'new', timestamps: [2000, 1] });
    talk.news();
    talk.say({ flags: 'A', sequence: 1, timestamps: [1500, 1] });
    expect(talk.news()).toEqual([]);
    expect(talk.stack.drops.of(StackDrop.TcpOldTimestamp)).toBe(1);
    talk.say({ flags: 'A', sequence: 4, timestamps: [2000, 1] });
    talk.say({ flags: 'A', sequence: 4, timestamps: [1900, 1] });
    expect(talk.stack.drops.of(StackDrop.TcpOldTimestamp)).toBe(1);
    talk.say({ flags: 'A', sequence: 4, timestamps: [500, 1] });
    expect(talk.news()).toEqual(['A 1 ack 4']);
    expect(talk.stack.drops.of(StackDrop.TcpOldTimestamp)).toBe(2);
  });

  test('the time of a segment with a bad acknowledgment is not believed', () => {
    const talk = new Conversation().establish({ timestamps: [1000, 1] });
    talk.say({ flags: 'A', acknowledgment: 99, timestamps: [900_000, 1] });
    expect(talk.connection.timestamps.recent).toBe(1000);
  });

  test.each([
    [
      'a wrong checksum',
      StackDrop.BadTcpChecksum,
      (f: Frame, at: number) => tcp.setChecksum(f, at, 1),
    ],
    [
      'a header longer than the segment',
      StackDrop.BadTcp,
      (f: Frame, at: number) => tcp.setDataOffset(f, at, 60),
    ],
    [
      'a header shorter than 20 octets',
      StackDrop.BadTcp,
      (f: Frame, at: number) => tcp.setDataOffset(f, at, 16),
    ],
  ])('%s is a named drop without an answer', (_what, reason, spoil) => {
    const lan = new Lan();
    const a = lan.host('A', '10.0.0.1/24');
    const b = lan.host('B', '10.0.0.2/24');
    a.tcp.listen({ port: 80 }, new Recorder());
    b.hooks.register(HookPoint.Output, HookPriority.Filter, (packet) => {
      if (packet.protocol === IpProtocol.Tcp) spoil(packet.frame, packet.l4);
      return Verdict.Accept;
    });
    const puppet = new Puppet(b, 5000, ip('10.0.0.1'), 80);
    puppet.say({ flags: 'S', sequence: 1 });
    lan.run(1);
    expect(a.drops.of(reason)).toBe(1);
    expect(puppet.heard).toEqual([]);
  });
});

describe('segments for nobody', () => {
  test.each([
    ['SYN', { flags: 'S', sequence: 10 }, 'RA 0 ack 11'],
    ['data without ACK', { flags: 'P', sequence: 10, data: 'abc' }, 'RA 0 ack 13'],
    ['FIN without ACK', { flags: 'F', sequence: 10 }, 'RA 0 ack 11'],
    ['ACK', { flags: 'A', sequence: 10, acknowledgment: 77 }, 'R 77'],
    ['SYN-ACK', { flags: 'SA', sequence: 10, acknowledgment: 77 }, 'R 77'],
  ] as const)('%s is answered as RFC 9293 3.10.7.1 says', (_what, said, answer) => {
    const lan = new Lan();
    lan.host('A', '10.0.0.1/24');
    const puppet = new Puppet(lan.host('B', '10.0.0.2/24'), 5000, ip('10.0.0.1'), 80);
    puppet.say(said);
    lan.run(1);
    expect(puppet.linesSince(0)).toEqual([answer]);
    expect(puppet.last.window).toBe(0);
  });

  test('RST is never answered with RST', () => {
    const lan = new Lan();
    lan.host('A', '10.0.0.1/24');
    const puppet = new Puppet(lan.host('B', '10.0.0.2/24'), 5000, ip('10.0.0.1'), 80);
    puppet.say({ flags: 'RA', sequence: 10, acknowledgment: 77 });
    puppet.say({ flags: 'R', sequence: 10 });
    lan.run(1);
    expect(puppet.heard).toEqual([]);
  });
});
