// Frames per second through the lab: translation, switching, capturing.

import { Capture } from '../../src/capture/capture.ts';
import { pcapng } from '../../src/capture/formats/pcapng.ts';
import type { ByteSink } from '../../src/capture/sink.ts';
import { createLab } from '../../src/lab/lab.ts';
import { seconds } from '../../src/sim/time.ts';
import { type Ipv4Address, parseIpv4 } from '../../src/wire/ipv4-address.ts';
import { type Case, time } from './measure.ts';
import { type NatPath, natPath } from './nat-path.ts';
import { star } from './topologies.ts';

const ROUND_TRIPS = 200_000;
const DATAGRAMS = 400_000;
/** Payload octets of a 98-octet echo request and of a 64-octet UDP frame. */
const PING_SIZE = 56;
const UDP_SIZE = 64 - 42;

function address(text: string): Ipv4Address {
  const parsed = parseIpv4(text);
  if (parsed === null) throw new Error(text);
  return parsed;
}

/** Pings the server through the SNAT node until `count` answers are back. */
function pingThrough({ scheduler, pod }: NatPath, count: number): void {
  const server = address('192.168.50.10');
  let answered = 0;
  const socket = pod.icmp.openEcho({
    onReply: () => {
      if (++answered < count) socket.send(server, answered, { size: PING_SIZE });
    },
    onError: () => {},
  });
  socket.send(server, 0, { size: PING_SIZE });
  scheduler.advanceTo(seconds(1));
  if (answered !== count) throw new Error(`${answered} of ${count} answered`);
}

function roundTripsPerSecond(prepare: (path: NatPath) => () => void): number {
  const path = natPath();
  const finish = prepare(path);
  const milliseconds = time(() => pingThrough(path, ROUND_TRIPS));
  finish();
  return (ROUND_TRIPS / milliseconds) * 1000;
}

/** A file that forgets what it is given. */
const FORGETFUL: ByteSink = { write: () => {}, close: () => {} };

function datagramsPerSecond(senders: number): number {
  const lab = createLab(star(senders));
  const receiver = address('10.0.0.1');
  let received = 0;
  lab.stack('receiver').udp.bind({ port: 9 }, { onDatagram: () => received++ });
  const each = Math.floor(DATAGRAMS / senders);
  // However many send, eight datagrams leave in each microsecond.
  const interval = 125 * senders;
  for (let i = 0; i < senders; i++) {
    const socket = lab.stack(`sender${i}`).udp.bind({}, { onDatagram: () => {} });
    let sent = 0;
    const send = (): void => {
      socket.sendZeros(receiver, 9, UDP_SIZE);
      if (++sent < each) lab.scheduler.after(interval, send, null, null);
    };
    // A first datagram resolves the neighbour; the rest starts when that is done.
    socket.sendZeros(receiver, 9, UDP_SIZE);
    lab.scheduler.after(1_000_000 + i, send, null, null);
  }
  lab.advance(1_000_000);
  received = 0;
  const milliseconds = time(() => lab.advance(seconds(10)));
  if (received !== each * senders) throw new Error(`${received} of ${each * senders} received`);
  return (received / milliseconds) * 1000;
}

export const dataPath: readonly Case[] = [
  {
    name: '1  pod - SNAT - switch - server and back, 98 octets',
    unit: 'round trips/s',
    aim: '500,000',
    run: () => roundTripsPerSecond(() => () => {}),
  },
  {
    name: '2  8 hosts to a ninth, 64-octet UDP, 5 us cables',
    unit: 'datagrams/s',
    aim: '1,000,000',
    run: () => datagramsPerSecond(8),
  },
  {
    name: '3  200 hosts to one, 64-octet UDP, 5 us cables',
    unit: 'datagrams/s',
    aim: '2/3 of case 2',
    run: () => datagramsPerSecond(200),
  },
  {
    name: '4  case 1 with capture to pcapng',
    unit: 'round trips/s',
    aim: 'half of case 1',
    run: () =>
      roundTripsPerSecond(({ scheduler, outside }) => {
        const sink = pcapng.open(FORGETFUL, {
          application: 'bench',
          lab: 'bench',
          seed: 1,
          digest: '',
          command: '',
        });
        const capture = new Capture({ scheduler, sink, ports: [{ port: outside }] });
        return () => capture.dispose();
      }),
  },
];
