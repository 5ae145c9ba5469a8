// A case of several conversations at once, some of which compete for the same ports of one address,
// with neighbors that answer the host's requests, or do not, or move in between.

import { PEERS, type Peer, TCP_PORT } from '../configuration.ts';
import { answerRequest, flip } from './arp.ts';
import { EchoTalk } from './echo-talk.ts';
import type { Script } from './script.ts';
import type { Talk, TalkEnds } from './talk.ts';
import { TcpTalk } from './tcp-talk.ts';
import { UdpTalk } from './udp-talk.ts';

/** Makers of conversations, likelier ones more often. */
const KINDS: readonly ((script: Script, ends: TalkEnds) => Talk)[] = [
  (script, ends) => new TcpTalk(script, ends),
  (script, ends) => new TcpTalk(script, ends),
  (script, ends) => new UdpTalk(script, ends),
  (script, ends) => new EchoTalk(script, ends),
];
/** Of every range that Linux takes a replacement from: below 512, below 1024, above. */
const CLIENT_PORTS = [40_000, 40_000, 40_000, 700, 500, 61_001];
const SERVERS = ['192.0.2.10', '192.0.2.10', '192.0.2.10', '198.51.100.10', '192.0.2.254'];

/** `settled`: the host knows its neighbors already. */
export function converse(script: Script, settled: boolean): void {
  const { random } = script;
  const talks = openings(script);
  const count = random.integer(4, 16);
  for (let i = 0; i < count; i++) {
    const talk = random.pick(talks);
    talk.next();
    const { client, far } = talk.wire;
    if (settled ? random.chance(0.03) : random.chance(0.45)) {
      answerRequest(script, random.chance(0.7) ? far : client);
    }
    if (random.chance(settled ? 0.02 : 0.06)) flip(script, random.chance(0.7) ? far : client);
  }
}

/** One to four conversations, mostly alike in all but the client. */
function openings(script: Script): Talk[] {
  const { random } = script;
  const talks: Talk[] = [];
  let make = random.pick(KINDS);
  let ends = anyEnds(script, random.chance(0.93) ? 'eth0' : 'eth1');
  const count = random.pick([1, 2, 2, 3, 4]);
  for (let i = 0; i < count; i++) {
    talks.push(make(script, ends));
    if (random.chance(0.25)) make = random.pick(KINDS);
    ends = random.chance(0.2)
      ? anyEnds(script, ends.client.on)
      : { ...ends, client: random.pick(neighborsOf(ends.client)) };
  }
  return talks;
}

function anyEnds({ random }: Script, on: string): TalkEnds {
  const inside = PEERS.filter((peer) => peer.on === on);
  return {
    client: random.pick(inside),
    server: on === 'eth0' ? random.pick(SERVERS) : random.pick(['10.1.0.11', '10.1.0.12']),
    clientPort: random.pick(CLIENT_PORTS),
    serverPort: random.pick([TCP_PORT, 53, 80]),
  };
}

function neighborsOf({ on }: Peer): readonly Peer[] {
  return PEERS.filter((peer) => peer.on === on);
}
