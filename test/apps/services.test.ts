import { describe, expect, test } from 'vitest';
import {
  type AnswerSource,
  type ApplicationName,
  type Service,
  startService,
} from '../../src/apps/service.ts';
import type { NetworkStack } from '../../src/stack/stack.ts';
import type { TcpSocket } from '../../src/stack/tcp/socket.ts';
import { formatIpv4 } from '../../src/wire/ipv4-address.ts';
import { ip } from '../support/frames.ts';
import { cidr, Lan, nic } from '../support/lan.ts';
import { ascii, Recorder, textOf } from '../support/tcp.ts';

interface Setup {
  readonly lan: Lan;
  readonly a: NetworkStack;
  readonly b: NetworkStack;
  readonly service: Service;
}

function setup(
  app: ApplicationName,
  protocol: 'tcp' | 'udp',
  answerFrom: AnswerSource = 'route',
): Setup {
  const lan = new Lan();
  const a = lan.host('A', '10.0.0.1/24');
  const b = lan.host('B', '10.0.0.2/24');
  return {
    lan,
    a,
    b,
    service: startService(b, { app, protocol, port: 7000, address: null, answerFrom }),
  };
}

/** Connects, writes the chunks one after the other, and lets a second pass. */
function talk({ lan, a }: Setup, ...chunks: (string | Uint8Array)[]): Recorder {
  const client = new Recorder();
  const connection = a.tcp.connect(
    { address: ip('10.0.0.2'), port: 7000, localPort: 40_000 },
    client,
  );
  for (const [i, chunk] of chunks.entries()) {
    lan.after(0.01 * (i + 1), () =>
      connection.write(typeof chunk === 'string' ? ascii(chunk) : chunk),
    );
  }
  lan.run(1);
  return client;
}

/** Sends datagrams and returns what came back. */
function ask({ lan, a }: Setup, ...datagrams: string[]): string[] {
  const answers: string[] = [];
  const socket = a.udp.bind(
    { port: 40_000 },
    {
      onDatagram: (_socket, frame, offset, length) => {
        answers.push(textOf(frame, offset, length));
      },
    },
  );
  for (const datagram of datagrams) socket.sendTo(ip('10.0.0.2'), 7000, ascii(datagram));
  lan.run(1);
  return answers;
}

const WHO =
  '{"source":"10.0.0.1","sourcePort":40000,"destination":"10.0.0.2","destinationPort":7000,"protocol":"tcp","host":"B"}\n';

describe('whoami', () => {
  test('answers each line with the address it came from, however the segments fall', () => {
    const world = setup('whoami', 'tcp');
    expect(talk(world, 'one\ntw', 'o\n').text).toBe(WHO + WHO);
    expect(world.service.statistics).toMatchObject({ requests: 2, rxOctets: 8 });
  });

  test('a last line without an end is answered when the peer has finished', () => {
    const world = setup('whoami', 'tcp');
    const client = talk(world, 'hello');
    expect(client.text).toBe('');
    client.connection.end();
    world.lan.run(1);
    expect(client.text).toBe(WHO);
    expect(client.calls).toEqual(['connected', 'end', 'closed']);
  });

  test('speaks HTTP to those who do', () => {
    const world = setup('whoami', 'tcp');
    const client = talk(world, 'GET / HTTP/1.1\r\nHost: b\r\n', 'Accept: */*\r\n\r\n');
    expect(client.text).toBe(
      [
        'HTTP/1.1 200 OK',
        'Content-Type: application/json',
        `Content-Length: ${WHO.length}`,
        'Connection: close',
        '',
        WHO,
      ].join('\r\n'),
    );
    expect(client.calls).toEqual(['connected', 'end']);
  });

  test('HEAD has no body, and other methods are not allowed', () => {
    expect(talk(setup('whoami', 'tcp'), 'HEAD / HTTP/1.0\r\n\r\n').text).toMatch(
      /^HTTP\/1\.1 200 OK\r\n[^{]*\r\n\r\n$/,
    );
    expect(talk(setup('whoami', 'tcp'), 'POST / HTTP/1.1\r\n\r\nbody\n').text).toMatch(
      /^HTTP\/1\.1 405 Method Not Allowed\r\n[^{]*Allow: GET, HEAD\r\n/,
    );
  });

  test('a line of a megabyte is a line', () => {
    const world = setup('whoami', 'tcp');
    const long = 'x'.repeat(100_000);
    expect(talk(world, long, long, '\n').text).toBe(WHO);
  });

  /** What the second address of B answers, as 'source text'. */
  function asked(answerFrom: AnswerSource): string[] {
    const world = setup('whoami', 'udp', answerFrom);
    world.b.addresses.add(nic(world.b), cidr('10.0.0.120/24'));
    const answers: string[] = [];
    const socket = world.a.udp.bind(
      {},
      {
        onDatagram: (_socket, frame, offset, length, source) => {
          answers.push(`${formatIpv4(source)} ${textOf(frame, offset, length)}`);
        },
      },
    );
    socket.sendTo(ip('10.0.0.120'), 7000, ascii('who?'));
    world.lan.run(1);
    return answers;
  }

  test.each([
    ['route', '10.0.0.2'],
    ['asked', '10.0.0.120'],
  ] as const)(
    'answers a datagram to its second address from that of the %s: %s',
    (from, source) => {
      const answers = asked(from);
      expect(answers).toHaveLength(1);
      expect(answers[0]).toContain(`${source} {"source":"10.0.0.1",`);
      expect(answers[0]).toMatch(/"protocol":"udp","host":"B"\}\n$/);
    },
  );
});

describe('echo', () => {
  test('sends everything back, also more than a send buffer holds', () => {
    const world = setup('echo', 'tcp');
    const client = new Recorder();
    const octets = ascii('0123456789'.repeat(120_000));
    let sent = 0;
    const pump = (connection: TcpSocket): void => {
      sent += connection.write(octets.subarray(sent));
      if (sent === octets.length) connection.end();
    };
    const connection = world.a.tcp.connect(
      { address: ip('10.0.0.2'), port: 7000 },
      {
        onConnected: pump,
        onWritable: pump,
        onData: client.onData.bind(client),
        onClosed: client.onClosed.bind(client),
      },
    );
    world.lan.after(0.5, () => connection.pause());
    world.lan.after(2, () => connection.resume());
    world.lan.run(60);
    expect(client.text).toHaveLength(octets.length);
    expect(client.text === '0123456789'.repeat(120_000)).toBe(true);
    expect(client.calls).toEqual(['closed']);
  });

  test('a peer that does not read is not read from', () => {
    const world = setup('echo', 'tcp');
    const client = new Recorder();
    const connection = world.a.tcp.connect({ address: ip('10.0.0.2'), port: 7000 }, client);
    world.lan.run(0.1);
    connection.pause();
    let written = 0;
    for (let i = 0; i < 40; i++) {
      written += connection.write(new Uint8Array(100_000));
      world.lan.run(1);
    }
    expect(written).toBeLessThan(1_200_000);
    const [session] = world.b.tcp.connections();
    expect(session?.receiver.paused).toBe(true);
    connection.resume();
    world.lan.run(60);
    expect(client.text).toHaveLength(written);
    expect(session?.receiver.paused).toBe(false);
  });

  test('echoes datagrams', () => {
    expect(ask(setup('echo', 'udp'), 'one', 'two')).toEqual(['one', 'two']);
  });
});

describe('discard, sink, chargen', () => {
  test('discard reads and says nothing', () => {
    const tcp = setup('discard', 'tcp');
    const client = talk(tcp, 'to nobody');
    client.connection.end();
    tcp.lan.run(1);
    expect([client.text, client.calls]).toEqual(['', ['connected', 'end', 'closed']]);
    expect(tcp.service.statistics).toMatchObject({ requests: 1, rxOctets: 9, txOctets: 0 });
    expect(ask(setup('discard', 'udp'), 'x')).toEqual([]);
  });

  test('sink answers with the number of octets', () => {
    const world = setup('sink', 'tcp');
    const client = talk(world, '12345\n1', '2\n', 'rest');
    client.connection.end();
    world.lan.run(1);
    expect(client.text).toBe('6\n3\n4\n');
    expect(ask(setup('sink', 'udp'), '123', '')).toEqual(['3\n', '0\n']);
  });

  test('chargen speaks first, ten lines a second, until the peer closes', () => {
    const world = setup('chargen', 'tcp');
    const client = talk(world);
    const lines = client.text.split('\r\n');
    expect(lines[0]).toBe(
      ' !"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefg',
    );
    expect(lines[1]?.startsWith('!"#')).toBe(true);
    expect(lines).toHaveLength(11);
    client.connection.end();
    world.lan.run(1);
    expect(client.calls).toEqual(['connected', 'end', 'closed']);
    world.lan.run(100);
    expect(world.lan.scheduler.idle).toBe(true);
    expect(ask(setup('chargen', 'udp'), '')[0]).toHaveLength(74);
  });
});

describe('a service', () => {
  test('is bound to one address if it is told so', () => {
    const { lan, a, b, service } = setup('echo', 'tcp');
    service.stop();
    b.addresses.add(nic(b), cidr('10.0.0.3/24'));
    startService(b, { app: 'echo', protocol: 'tcp', port: 7000, address: ip('10.0.0.3') });
    const refused = new Recorder();
    const served = new Recorder();
    a.tcp.connect({ address: ip('10.0.0.2'), port: 7000 }, refused);
    a.tcp.connect({ address: ip('10.0.0.3'), port: 7000 }, served);
    lan.run(1);
    expect([refused.calls, served.calls]).toEqual([['ECONNREFUSED'], ['connected']]);
  });

  test.each(['tcp', 'udp'] as const)(
    'listens again after a power failure, unless stopped (%s)',
    (protocol) => {
      const { b, service } = setup('echo', protocol);
      const open = (): number =>
        protocol === 'tcp' ? b.tcp.listeners().length : b.udp.sockets().length;
      expect(open()).toBe(1);
      b.powerOff();
      expect(open()).toBe(0);
      b.powerOn();
      expect(open()).toBe(1);
      service.stop();
      expect(open()).toBe(0);
      b.powerOff();
      b.powerOn();
      expect(open()).toBe(0);
    },
  );

  test('two on one port is the user’s mistake', () => {
    const { b } = setup('echo', 'udp');
    expect(() =>
      startService(b, { app: 'sink', protocol: 'udp', port: 7000, address: null }),
    ).toThrow(/B: udp \*:7000 is already in use/);
  });
});
