// UDP datagrams that stand for themselves, right or wrong, whole or in fragments, and packets of
// protocols that nobody speaks.

import { icmp, udp } from '../build.ts';
import { UDP_PORT } from '../configuration.ts';
import { outside } from './addresses.ts';
import { guessedAnswer } from './icmp.ts';
import { anyData, checksumQuirk, cut } from './malformations.ts';
import type { Script } from './script.ts';

const UDP = 17;
const ICMP = 1;
const MORE_FRAGMENTS = 0x2000;
const DO_NOT_FRAGMENT = 0x4000;

export function anyDatagram(script: Script): void {
  const { random } = script;
  const peer = script.anyPeer();
  const header = script.header(peer, UDP);
  const ports = {
    sourcePort: random.pick([40_000, 40_000, 40_001, 53, 600, 0]),
    destinationPort: random.pick([UDP_PORT, 53, 53, 33_434, 0]),
  };
  const fields = {
    ...ports,
    ...(random.chance(0.06) ? { length: random.pick([0, 4, 7, 8, 9, 2_000]) } : {}),
    ...(random.chance(0.08) ? { checksum: 'none' as const } : {}),
    ...checksumQuirk(random),
  };
  const whole = udp(header, fields, anyData(random));
  script.send(peer, header, cut(random, whole, 0.04, 12));
  if (random.chance(0.6)) return;
  const back = { sourcePort: ports.destinationPort, destinationPort: ports.sourcePort };
  const destination = outside(script.config, header.source, 'eth1');
  const answer = { ...header, source: header.destination, destination };
  guessedAnswer(script, header, udp(answer, back, anyData(random)));
}

/** A datagram in pieces: in order or not, whole or not, some of them overlapping. */
export function anyFragments(script: Script): void {
  const { random } = script;
  const peer = script.anyPeer();
  const header = script.header(peer, random.pick([ICMP, UDP]));
  const data = Uint8Array.from({ length: random.integer(16, 400) }, (_none, i) => i & 0xff);
  const whole =
    header.protocol === ICMP
      ? icmp({ type: 8, code: 0, rest: 0x0005_0001, ...checksumQuirk(random) }, data)
      : udp(header, { sourcePort: 40_000, destinationPort: random.pick([UDP_PORT, 53]) }, data);
  const cuts: number[] = [0];
  while ((cuts.at(-1) ?? 0) < whole.length && cuts.length < 5) {
    cuts.push((cuts.at(-1) ?? 0) + 8 * random.integer(1, 20));
  }
  const pieces = cuts.slice(0, -1).map((from, i) => {
    const isLast = i === cuts.length - 2;
    const end = isLast ? whole.length : Math.min(whole.length, cuts[i + 1] ?? whole.length);
    const overlap = random.chance(0.08) && !isLast ? 8 : 0;
    const flags = (isLast ? 0 : MORE_FRAGMENTS) | (random.chance(0.1) ? DO_NOT_FRAGMENT : 0);
    return { fragment: flags | (from / 8), body: whole.subarray(from, end + overlap) };
  });
  const order = random.chance(0.3) ? random.shuffle(pieces) : pieces;
  for (const { fragment, body } of order) {
    if (random.chance(0.06)) continue;
    const { ttl = 64 } = header;
    script.send(peer, { ...header, fragment, ttl }, body);
    if (random.chance(0.05)) script.send(peer, { ...header, fragment, ttl }, body);
  }
}

export function anyProtocol(script: Script): void {
  const { random } = script;
  const peer = script.anyPeer();
  const protocol = random.pick([0, 2, 50, 99, 253, 255]);
  script.send(peer, script.header(peer, protocol), anyData(random));
}
