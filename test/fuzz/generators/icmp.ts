// ICMP as anybody may send it: echo and its answer, queries nobody uses, and errors that quote what
// went before or what the host never sent.

import { type IpFields, icmp, ipv4 } from '../build.ts';
import { outside, senderFor } from './addresses.ts';
import { anyData, checksumQuirk, cut } from './malformations.ts';
import type { Script } from './script.ts';

const ICMP = 1;
/** Queries, and types that mean nothing. */
const OTHER_TYPES = [9, 10, 13, 13, 14, 15, 16, 17, 17, 18, 30, 40, 42, 255, 1, 2, 6, 7];
/** An address of the host's cable, as the word that a redirect carries. */
const REDIRECT_TO = 0xc000_020a;

export function anyEcho(script: Script): void {
  const { random } = script;
  const peer = script.anyPeer();
  const type = random.chance(0.8) ? 8 : 0;
  const rest = (random.integer(1, 3) * 0x1_0000 + random.integer(0, 0xffff)) >>> 0;
  const fields = { type, code: random.chance(0.95) ? 0 : 5, rest, ...checksumQuirk(random) };
  const header = script.header(peer, ICMP);
  script.send(peer, header, icmp(fields, anyData(random)));
  if (type !== 8 || random.chance(0.6)) return;
  guessedAnswer(script, header, icmp({ ...fields, type: 0 }, anyData(random)));
}

/** From whoever a packet was for, to whom it should seem to come from. */
export function guessedAnswer(script: Script, to: IpFields, payload: Uint8Array): void {
  const peer = senderFor(to.destination);
  const destination = outside(script.config, to.source, peer.on);
  const { protocol } = to;
  const id = script.identification();
  script.send(peer, { source: to.destination, destination, protocol, id }, payload);
}

export function anyQuery(script: Script): void {
  const { random } = script;
  const peer = script.anyPeer();
  const type = random.pick(OTHER_TYPES);
  const data = random.chance(0.7) ? new Uint8Array(12).fill(7) : anyData(random);
  const fields = { type, code: random.chance(0.9) ? 0 : 3, rest: random.uint32() };
  const whole = icmp({ ...fields, ...checksumQuirk(random) }, data);
  script.send(peer, script.header(peer, ICMP), cut(random, whole, 0.1, 7));
}

export function anyError(script: Script): void {
  const { random } = script;
  const peer = script.anyPeer();
  const type = random.pick([3, 3, 3, 3, 4, 5, 11, 11, 12]);
  const code = type === 3 ? random.integer(0, 16) : random.integer(0, 3);
  const header = script.header(peer, ICMP);
  let quote = guessedQuote(script, header.source);
  if (random.chance(0.3)) quote = quote.subarray(0, random.pick([0, 8, 19, 20, 24, 27, 28, 36]));
  const rest = type === 5 ? REDIRECT_TO : type === 3 && code === 4 ? 1_200 : 0;
  const fields = { type, code, rest, ...checksumQuirk(random) };
  const known = quotedSource(quote);
  const destination = random.chance(0.8) && known !== null ? known : header.destination;
  script.send(peer, { ...header, destination }, icmp(fields, quote));
}

/** A packet from before, as it may have been when it left; or one of the host's own. */
function guessedQuote({ random, packets, config }: Script, source: string): Uint8Array {
  const before = packets.filter((packet) => packet.length >= 28 && packet.length < 600);
  if (before.length === 0 || random.chance(0.15)) {
    const protocol = random.pick([1, 6, 17, 2]);
    const fields = { source: '10.1.0.1', destination: source, protocol, id: 7 };
    return ipv4(fields, new Uint8Array(24).fill(1));
  }
  const packet = random.pick(before).slice();
  if (random.chance(0.3)) return packet;
  const from = [...packet.subarray(12, 16)].join('.');
  packet.set(outside(config, from, 'eth1').split('.').map(Number), 12);
  return packet;
}

function quotedSource(quote: Uint8Array): string | null {
  return quote.length < 20 ? null : [...quote.subarray(12, 16)].join('.');
}
