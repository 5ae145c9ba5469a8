import { describe, expect, test } from 'vitest';
import { StackDrop } from '../../../src/stack/drop-reason.ts';
import type { NetworkStack } from '../../../src/stack/stack.ts';
import { ip } from '../../support/frames.ts';
import { Lan } from '../../support/lan.ts';
import { ascii, lines, Recorder } from '../../support/tcp.ts';
import { Conversation } from './conversation.ts';

describe('active close', () => {
  test('FIN-WAIT-1, FIN-WAIT-2, TIME-WAIT, and 60 to 62 s later nothing', () => {
    const talk = new Conversation().establish();
    talk.connection.close();
    expect(talk.state).toBe('FIN-WAIT-1');
    expect(talk.after(0.001)).toEqual(['FA 1 ack 1']);
    talk.say({ flags: 'A', acknowledgment: 2 });
    expect(talk.state).toBe('FIN-WAIT-2');
    talk.say({ flags: 'FA', acknowledgment: 2 });
    expect(talk.news()).toEqual(['A 2 ack 2']);
    expect(talk.state).toBe('TIME-WAIT');
    expect(talk.app.calls).toEqual(['connected', 'closed']);
    talk.lan.run(59.9);
    expect(talk.state).toBe('TIME-WAIT');
    talk.lan.run(2.2);
    expect(talk.state).toBe('UNCONN');
    expect(talk.app.calls).toEqual(['connected', 'closed']);
  });

  test('simultaneous close goes through CLOSING (RFC 9293 figure 13)', () => {
    const talk = new Conversation().establish();
    talk.connection.close();
    talk.say({ flags: 'FA', acknowledgment: 1 });
    expect(talk.state).toBe('CLOSING');
    expect(talk.news()).toEqual(['FA 1 ack 1', 'A 2 ack 2']);
    talk.say({ flags: 'A', sequence: 2, acknowledgment: 2 });
    expect(talk.state).toBe('TIME-WAIT');
    expect(talk.app.calls).toEqual(['connected', 'closed']);
  });

  test('FIN and the acknowledgment of ours in one segment', () => {
    const talk = new Conversation().establish();
    talk.connection.close();
    talk.say({ flags: 'FA', acknowledgment: 2 });
    expect(talk.state).toBe('TIME-WAIT');
    expect(talk.news()).toEqual(['FA 1 ack 1', 'A 2 ack 2']);
  });

  test('a FIN that is lost is sent again', () => {
    const talk = new Conversation().establish();
    talk.connection.close();
    expect(talk.after(1)).toEqual(['FA 1 ack 1', 'FA 1 ack 1', 'FA 1 ack 1', 'FA 1 ack 1']);
  });

  test('nobody acknowledges the FIN of a closed connection: given up after 102 s', () => {
    const talk = new Conversation().establish();
    talk.connection.close();
    talk.lan.run(250);
    expect(talk.app.calls).toEqual(['connected', 'ETIMEDOUT']);
    const [, gaveUp = 0] = talk.app.times;
    expect(gaveUp).toBeGreaterThan(102);
    expect(gaveUp).toBeLessThan(250);
  });

  test('FIN-WAIT-2 of a closed connection ends after tcp_fin_timeout', () => {
    const talk = new Conversation().establish();
    talk.stack.sysctl.set('tcp_fin_timeout', 20);
    talk.connection.close();
    talk.say({ flags: 'A', acknowledgment: 2 });
    talk.lan.run(19.9);
    expect(talk.state).toBe('FIN-WAIT-2');
    talk.lan.run(2.2);
    expect(talk.state).toBe('UNCONN');
    expect(talk.app.calls).toEqual(['connected', 'closed']);
  });

  test('FIN-WAIT-2 after end() lasts, and data still comes', () => {
    const talk = new Conversation().establish();
    talk.connection.end();
    talk.say({ flags: 'A', acknowledgment: 2 });
    talk.lan.run(600);
    expect(talk.state).toBe('FIN-WAIT-2');
    talk.say({ flags: 'PA', acknowledgment: 2, data: 'late' });
    expect(talk.app.text).toBe('late');
    talk.say({ flags: 'FA', sequence: 5, acknowledgment: 2 });
    expect(talk.state).toBe('TIME-WAIT');
    expect(talk.app.calls).toEqual(['connected', 'end', 'closed']);
  });

  test('data for a closed connection is answered with RST', () => {
    const talk = new Conversation().establish();
    talk.connection.close();
    talk.say({ flags: 'A', acknowledgment: 2 });
    talk.news();
    talk.say({ flags: 'PA', acknowledgment: 2, data: 'late' });
    expect(talk.news()).toEqual(['R 2']);
    expect(talk.state).toBe('UNCONN');
    expect(talk.app.calls).toEqual(['connected', 'ECONNRESET']);
    expect(talk.app.text).toBe('');
  });

  test('closing with unread data sends RST instead of FIN', () => {
    const talk = new Conversation().establish();
    talk.connection.pause();
    talk.say({ flags: 'PA', data: 'unread' });
    talk.news();
    talk.connection.close();
    expect(talk.after(0.001)).toEqual(['RA 1 ack 7']);
    expect(talk.app.calls).toEqual(['connected', 'closed']);
  });

  test('abort sends RST and calls nobody', () => {
    const talk = new Conversation().establish();
    talk.connection.abort();
    expect(talk.after(0.001)).toEqual(['RA 1 ack 1']);
    expect(talk.app.calls).toEqual(['connected']);
    expect(talk.stack.tcp.connections()).toEqual([]);
    talk.say({ flags: 'A', acknowledgment: 1 });
    expect(talk.news()).toEqual(['R 1']);
  });
});

describe('passive close', () => {
  test('CLOSE-WAIT, LAST-ACK; a FIN before any data is acknowledged at the next tick', () => {
    const talk = new Conversation().establish();
    talk.say({ flags: 'FA' });
    expect(talk.state).toBe('CLOSE-WAIT');
    expect(talk.app.calls).toEqual(['connected', 'end']);
    expect(talk.after(0.004)).toEqual(['A 1 ack 2']);
    expect(talk.connection.write(ascii('bye'))).toBe(3);
    expect(talk.after(0.001)).toEqual(['PA 1 ack 2 len 3']);
    talk.say({ flags: 'A', sequence: 2, acknowledgment: 4 });
    talk.connection.close();
    expect(talk.state).toBe('LAST-ACK');
    expect(talk.after(0.001)).toEqual(['FA 4 ack 2']);
    talk.say({ flags: 'A', sequence: 2, acknowledgment: 5 });
    expect(talk.state).toBe('UNCONN');
    expect(talk.app.calls).toEqual(['connected', 'end', 'closed']);
  });

  test('an application that closes at once acknowledges with its own FIN', () => {
    const talk = new Conversation().establish();
    talk.app.closesOnEnd = true;
    talk.say({ flags: 'FA' });
    expect(talk.news()).toEqual(['FA 1 ack 2']);
  });

  test('a FIN that came out of order counts when the gap is filled', () => {
    const talk = new Conversation().establish();
    talk.say({ flags: 'FPA', sequence: 5, data: 'last' });
    expect(talk.state).toBe('ESTAB');
    talk.say({ flags: 'A', data: 'gone' });
    expect(talk.state).toBe('CLOSE-WAIT');
    expect(talk.app.text).toBe('gonelast');
    expect(talk.app.calls).toEqual(['connected', 'end']);
  });

  test('a paused application hears of the end after the data', () => {
    const talk = new Conversation().establish();
    talk.connection.pause();
    talk.say({ flags: 'FPA', data: 'last' });
    talk.connection.end();
    talk.say({ flags: 'A', sequence: 6, acknowledgment: 2 });
    expect(talk.state).toBe('UNCONN');
    expect(talk.app.calls).toEqual(['connected']);
    talk.connection.resume();
    expect(talk.app.text).toBe('last');
    expect(talk.app.calls).toEqual(['connected', 'end', 'closed']);
  });

  test('a RST in CLOSE-WAIT is EPIPE, at the peer’s old FIN as well', () => {
    for (const sequence of [2, 1]) {
      const talk = new Conversation().establish();
      talk.say({ flags: 'FA' }, 0.1);
      talk.say({ flags: 'R', sequence });
      expect(talk.app.calls).toEqual(['connected', 'end', 'EPIPE']);
    }
  });

  test('data behind the peer’s own FIN is nothing', () => {
    const talk = new Conversation().establish();
    talk.say({ flags: 'FA' }, 0.1);
    talk.news();
    talk.say({ flags: 'PA', sequence: 2, data: 'ghost' }, 0.1);
    expect(talk.news()).toEqual([]);
    expect(talk.app.calls).toEqual(['connected', 'end']);
  });

  test('data that begins before the peer’s own FIN and reaches beyond it resets the connection', () => {
    const talk = new Conversation().establish();
    talk.say({ flags: 'FA' }, 0.1);
    talk.news();
    talk.say({ flags: 'PA', sequence: 1, data: 'ghost' });
    expect(talk.news()).toEqual(['R 1']);
    expect(talk.app.calls).toEqual(['connected', 'end', 'EPIPE']);
  });
});

describe('TIME-WAIT', () => {
  function inTimeWait(): Conversation {
    const talk = new Conversation().establish();
    talk.connection.close();
    talk.say({ flags: 'FA', acknowledgment: 2 });
    talk.news();
    expect(talk.state).toBe('TIME-WAIT');
    return talk;
  }

  test('a repeated FIN is acknowledged again and the 60 s begin anew', () => {
    const talk = inTimeWait();
    talk.lan.run(50);
    talk.say({ flags: 'FA', acknowledgment: 2 });
    expect(talk.news()).toEqual(['A 2 ack 2']);
    talk.lan.run(59);
    expect(talk.state).toBe('TIME-WAIT');
    talk.lan.run(2);
    expect(talk.state).toBe('UNCONN');
  });

  test('a RST ends it, for tcp_rfc1337 is 0', () => {
    const talk = inTimeWait();
    talk.say({ flags: 'R', sequence: 2 });
    expect(talk.state).toBe('UNCONN');
  });

  test('a RST elsewhere does nothing', () => {
    const talk = inTimeWait();
    talk.say({ flags: 'R', sequence: 100 });
    expect(talk.state).toBe('TIME-WAIT');
    expect(talk.news()).toEqual([]);
  });

  test('a SYN is only acknowledged where nobody listens', () => {
    const talk = inTimeWait();
    talk.say({ flags: 'S', sequence: 100_000 });
    expect(talk.news()).toEqual(['A 2 ack 2']);
  });

  test('a listener’s connection is reopened by a SYN with a later sequence number', () => {
    const lan = new Lan();
    const server = lan.host('A', '10.0.0.1/24');
    const client = lan.host('B', '10.0.0.2/24');
    const app = new Recorder();
    app.answer = (connection) => connection.close();
    server.tcp.listen({ port: 80 }, app);
    const connect = (): Recorder => {
      const user = new Recorder();
      user.closesOnEnd = true;
      client.tcp.connect({ address: ip('10.0.0.1'), port: 80, localPort: 5000 }, user);
      lan.run(0.01);
      user.connection.write(ascii('x'));
      lan.run(1);
      return user;
    };
    expect(connect().calls).toEqual(['connected', 'end', 'closed']);
    expect(server.tcp.connections().map(({ state }) => state)).toEqual(['TIME-WAIT']);
    expect(connect().calls).toEqual(['connected', 'end', 'closed']);
    expect(app.calls.filter((call) => call === 'accepted')).toHaveLength(2);
    expect(server.tcp.connections()).toHaveLength(1);
  });
});

describe('power', () => {
  function connected(): { lan: Lan; a: NetworkStack; b: NetworkStack; app: Recorder } {
    const lan = new Lan();
    const a = lan.host('A', '10.0.0.1/24');
    const b = lan.host('B', '10.0.0.2/24');
    b.tcp.listen({ port: 80 }, new Recorder());
    const app = new Recorder();
    a.tcp.connect({ address: ip('10.0.0.2'), port: 80 }, app);
    lan.run(1);
    return { lan, a, b, app };
  }

  test('a host that loses its power forgets everything and calls nobody', () => {
    const { lan, a, b, app } = connected();
    app.connection.write(ascii('on its way'));
    a.powerOff();
    b.powerOff();
    expect([a.tcp.connections(), b.tcp.connections(), b.tcp.listeners()]).toEqual([[], [], []]);
    expect(app.connection.write(ascii('x'))).toBe(0);
    app.connection.close();
    lan.run(1000);
    expect(app.calls).toEqual(['connected']);
    expect(lan.scheduler.idle).toBe(true);
  });

  test('after a reboot the old peer is reset with the next segment', () => {
    const { lan, b, app } = connected();
    b.powerOff();
    b.powerOn();
    const start = lan.scheduler.now;
    app.connection.write(ascii('hello?'));
    lan.run(1);
    expect(lines(lan, start)).toEqual(['A > B PA 1 ack 1 len 6', 'B > A R 1']);
    expect(app.calls).toEqual(['connected', 'ECONNRESET']);
    expect(b.drops.of(StackDrop.NoSocket)).toBe(1);
  });
});
