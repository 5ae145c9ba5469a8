import { describe, expect, test } from 'vitest';
import { StackDrop } from '../../../src/stack/drop-reason.ts';
import { SEND_BUFFER_LIMIT } from '../../../src/stack/tcp/send-buffer.ts';
import { ip } from '../../support/frames.ts';
import { Lan } from '../../support/lan.ts';
import { ascii, Recorder, segments } from '../../support/tcp.ts';
import { Conversation } from './conversation.ts';

describe('acknowledgments', () => {
  test('the first segments are acknowledged at once', () => {
    const talk = new Conversation().establish();
    talk.say({ flags: 'PA', data: 'one' });
    expect(talk.news()).toEqual(['A 1 ack 4']);
  });

  test('an application that answers carries the acknowledgment from the second time on', () => {
    const talk = new Conversation().establish();
    talk.app.answer = (connection) => connection.write(ascii('re'));
    talk.say({ flags: 'PA', data: 'ask' });
    expect(talk.news()).toEqual(['A 1 ack 4', 'PA 1 ack 4 len 2']);
    talk.say({ flags: 'PA', sequence: 4, acknowledgment: 3, data: 'ask' });
    expect(talk.news()).toEqual(['PA 3 ack 7 len 2']);
  });

  test('if it then stays silent the acknowledgment comes after 40 to 44 ms, and at once the next time', () => {
    const talk = new Conversation().establish();
    talk.app.answer = (connection) => connection.write(ascii('re'));
    talk.say({ flags: 'PA', data: 'ask' });
    talk.app.answer = null;
    talk.news();
    talk.say({ flags: 'PA', sequence: 4, acknowledgment: 3, data: 'ask' });
    expect(talk.after(0.038)).toEqual([]);
    expect(talk.after(0.005)).toEqual(['A 3 ack 7']);
    talk.say({ flags: 'PA', sequence: 7, acknowledgment: 3, data: 'ask' });
    expect(talk.news()).toEqual(['A 3 ack 10']);
  });

  test('every second full segment is acknowledged once the quick ones are used up', () => {
    const talk = new Conversation().establish();
    const full = new Uint8Array(1460);
    let sequence = 1;
    // 16, and one more for every segment that makes the window grow.
    for (let i = 0; i < 22; i++, sequence += full.length) {
      talk.say({ flags: 'A', sequence, data: full });
    }
    expect(talk.news()).toHaveLength(22);
    for (let i = 0; i < 6; i++, sequence += full.length) {
      talk.say({ flags: 'A', sequence, data: full });
    }
    expect(talk.news()).toHaveLength(3);
  });

  test('out of order: a duplicate acknowledgment for each, and one for the filled gap', () => {
    const talk = new Conversation().establish();
    talk.say({ flags: 'PA', sequence: 3, data: 'cd' });
    talk.say({ flags: 'PA', sequence: 7, data: 'gh' });
    talk.say({ flags: 'PA', sequence: 5, data: 'ef' });
    expect(talk.news()).toEqual(['A 1 ack 1', 'A 1 ack 1', 'A 1 ack 1']);
    expect(talk.app.text).toBe('');
    talk.say({ flags: 'PA', sequence: 1, data: 'ab' });
    expect(talk.news()).toEqual(['A 1 ack 9']);
    expect(talk.app.text).toBe('abcdefgh');
  });

  test('tiny pieces out of order are bounded in number', () => {
    const talk = new Conversation().establish();
    for (let i = 0; i < 1100; i++) talk.say({ flags: 'A', sequence: 3 + 2 * i, data: 'x' }, 0);
    talk.lan.run(1);
    expect(talk.stack.drops.of(StackDrop.SocketQueueFull)).toBe(1100 - 1024);
  });
});

describe('the peer’s window', () => {
  test('what does not fit waits; a closed window is probed with doubling intervals', () => {
    const talk = new Conversation().establish({ window: 10 });
    talk.connection.write(ascii('0123456789'));
    expect(talk.after(0.001)).toEqual(['PA 1 ack 1 len 10']);
    talk.say({ flags: 'A', acknowledgment: 11, window: 0 });
    talk.connection.write(ascii('more'));
    expect(talk.news()).toEqual([]);
    const times: number[] = [];
    for (let i = 0; i < 4; i++) {
      const start = talk.lan.now;
      while (talk.puppet.heard.length === 0 || talk.news().length === 0) talk.lan.run(0.01);
      times.push(Math.round((talk.lan.now - start) * 10) / 10);
      talk.say({ flags: 'A', acknowledgment: 11, window: 0 }, 0);
    }
    expect(times).toEqual([0.2, 0.4, 0.9, 1.7]);
    talk.say({ flags: 'A', acknowledgment: 11, window: 100 });
    expect(talk.news()).toEqual(['PA 11 ack 1 len 4']);
  });

  test('a probe says nothing new and stands before what was acknowledged', () => {
    const talk = new Conversation().establish({ window: 0 });
    talk.connection.write(ascii('x'));
    expect(talk.after(0.3)).toEqual(['A 0 ack 1']);
  });

  test('segments are no longer than half of the largest window there was', () => {
    const talk = new Conversation().establish({ window: 1000 });
    talk.connection.write(new Uint8Array(1000));
    expect(talk.after(0.001)).toEqual(['A 1 ack 1 len 500', 'PA 501 ack 1 len 500']);
    talk.say({ flags: 'A', acknowledgment: 1001, window: 10_000 });
    talk.connection.write(new Uint8Array(1460));
    expect(talk.after(0.001)).toEqual(['PA 1001 ack 1 len 1460']);
  });

  test('a window too small for a segment is filled when it does not grow', () => {
    const talk = new Conversation().establish();
    talk.say({ flags: 'PA', data: 'x', window: 100 });
    talk.news();
    talk.connection.write(new Uint8Array(500));
    expect(talk.after(0.1)).toEqual([]);
    expect(talk.after(0.2)).toEqual(['PA 1 ack 2 len 100']);
  });

  test('unanswered window probes end in ETIMEDOUT', () => {
    const talk = new Conversation().establish({ window: 0 });
    talk.connection.write(ascii('x'));
    talk.lan.run(2000);
    expect(talk.app.calls).toEqual(['connected', 'ETIMEDOUT']);
  });

  test('the window of an old segment does not count', () => {
    const talk = new Conversation().establish();
    talk.say({ flags: 'PA', data: 'abc', window: 5000 });
    talk.say({ flags: 'A', sequence: 1, window: 9 });
    expect(talk.connection.sender.window.octets).toBe(5000);
  });

  test('window scaling holds if both have offered it', () => {
    const talk = new Conversation().establish({ windowScale: 3 });
    expect(talk.connection.sender.window.octets).toBe(65_535);
    talk.say({ flags: 'A', window: 1000 });
    expect(talk.connection.sender.window.octets).toBe(8000);
  });

  test('Nagle’s algorithm, where asked for, holds back what is small while something is on its way', () => {
    const talk = new Conversation().establish({}, { nagle: true });
    for (const text of ['a', 'b', 'c']) talk.connection.write(ascii(text));
    expect(talk.after(0.001)).toEqual(['PA 1 ack 1 len 1']);
    talk.say({ flags: 'A', acknowledgment: 2 });
    expect(talk.news()).toEqual(['PA 2 ack 1 len 2']);
  });

  test('by default every write leaves at once', () => {
    const talk = new Conversation().establish();
    for (const text of ['a', 'b']) talk.connection.write(ascii(text));
    expect(talk.after(0.001)).toEqual(['PA 1 ack 1 len 1', 'PA 2 ack 1 len 1']);
  });
});

describe('our window', () => {
  test('a paused application closes it, and resuming tells the peer', () => {
    const lan = new Lan();
    const a = lan.host('A', '10.0.0.1/24');
    const b = lan.host('B', '10.0.0.2/24');
    const server = new Recorder();
    b.tcp.listen({ port: 80 }, server);
    const client = new Recorder();
    a.tcp.connect({ address: ip('10.0.0.2'), port: 80 }, client);
    lan.run(1);
    server.connection.pause();
    const octets = ascii('0123456789'.repeat(20_000));
    expect(client.connection.write(octets)).toBe(octets.length);
    lan.run(10);
    expect(server.text).toBe('');
    const windows = segments(lan)
      .filter(({ from }) => from === 'B')
      .map(({ window }) => window);
    expect(windows.at(-1)).toBe(0);
    expect(server.connection.receiver.queued).toBeGreaterThan(64_000);
    // As much as the memory holds, and what had been promised before it became scarce.
    expect(server.connection.receiver.queued).toBeLessThan(96_000);
    const start = lan.scheduler.now;
    server.connection.resume();
    lan.run(1);
    expect(segments(lan, start)[0]).toMatchObject({ from: 'B', flags: 'A', window: 75 });
    expect(server.text).toBe('0123456789'.repeat(20_000));
    expect(client.connection.sender.outstanding).toBe(0);
  });

  test('the send buffer is bounded; onWritable says when there is room', () => {
    const talk = new Conversation().establish();
    const octets = new Uint8Array(SEND_BUFFER_LIMIT + 1000);
    expect(talk.connection.write(octets)).toBe(SEND_BUFFER_LIMIT);
    expect(talk.connection.write(octets)).toBe(0);
    expect(talk.app.calls).toEqual(['connected']);
    let acknowledged = 1;
    while (talk.app.calls.length < 2) {
      acknowledged = 1 + SEND_BUFFER_LIMIT - talk.connection.sender.unsent;
      talk.say({ flags: 'A', acknowledgment: acknowledged });
    }
    expect(talk.app.calls).toEqual(['connected', 'writable']);
    expect(talk.connection.sender.buffer.room).toBeGreaterThanOrEqual(SEND_BUFFER_LIMIT / 2);
  });
});
