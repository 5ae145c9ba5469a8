// ARP from the cables: introductions, requests, replies and announcements with any field wrong, and
// the answers to what the host asks.

import { arp, concat, ethernet } from '../build.ts';
import { PEERS, type Peer } from '../configuration.ts';
import {
  anyAddress,
  BROADCAST_MAC,
  MULTICAST_MAC,
  ownAddress,
  ownMac,
  STRANGE_MAC,
  ZERO_MAC,
} from './addresses.ts';
import type { Script } from './script.ts';

const ARP = 0x0806;

/** Everybody asks for the host once, so that it knows them; somebody may forget to. */
export function introduceAll(script: Script, forgetting: number): void {
  for (const peer of PEERS) {
    if (script.random.chance(forgetting)) continue;
    const body = arp({
      operation: 1,
      senderMac: peer.mac,
      senderIp: peer.address,
      targetMac: ZERO_MAC,
      targetIp: ownAddress(peer),
    });
    script.push(peer.on, ethernet({ to: BROADCAST_MAC, from: peer.mac, type: ARP }, body));
  }
}

/** Any ARP packet, more often right than wrong. */
export function anyArp(script: Script): void {
  const { random } = script;
  const peer = script.anyPeer();
  const own = ownMac(peer);
  const senderIp = random.chance(0.75) ? peer.address : anyAddress(random);
  const senderMac = random.chance(0.8)
    ? peer.mac
    : random.pick([own, ZERO_MAC, BROADCAST_MAC, MULTICAST_MAC, STRANGE_MAC]);
  const isGratuitous = random.chance(0.2);
  const targetIp = isGratuitous
    ? senderIp
    : random.chance(0.6)
      ? ownAddress(peer)
      : anyAddress(random);
  let body = arp({
    operation: random.chance(0.9) ? random.integer(1, 2) : random.pick([0, 3, 4, 8, 9, 0x100]),
    senderMac,
    senderIp,
    targetMac: random.pick([ZERO_MAC, ZERO_MAC, BROADCAST_MAC, own, own, senderMac, STRANGE_MAC]),
    targetIp,
    ...(random.chance(0.05) ? { hardware: random.pick([0, 6, 7, 24]) } : {}),
    ...(random.chance(0.03) ? { protocol: random.pick([0x0806, 0x86dd, 0]) } : {}),
    ...(random.chance(0.03) ? { hardwareLength: random.pick([0, 5, 8]) } : {}),
    ...(random.chance(0.03) ? { protocolLength: random.pick([0, 6, 16]) } : {}),
  });
  if (random.chance(0.04)) body = body.subarray(0, random.integer(0, body.length - 1));
  else if (random.chance(0.1)) body = concat(body, new Uint8Array(18));
  const to = random.chance(0.5)
    ? BROADCAST_MAC
    : random.pick([own, own, own, STRANGE_MAC, MULTICAST_MAC]);
  const from = random.chance(0.95) ? senderMac : peer.mac;
  script.push(peer.on, ethernet({ to, from, type: ARP }, body));
}

/** A peer answers the last request for its address; nothing is sent if there was none. */
export function answerRequest(script: Script, peer: Peer): void {
  const { random } = script;
  const senderMac = random.chance(0.85) ? peer.mac : random.pick([STRANGE_MAC, ZERO_MAC]);
  const own = ownMac(peer);
  const body = arp({
    operation: random.chance(0.97) ? 2 : 1,
    senderMac,
    senderIp: peer.address,
    targetMac: own,
    targetIp: ownAddress(peer),
  });
  const to = random.chance(0.9) ? own : BROADCAST_MAC;
  script.push(peer.on, ethernet({ to, from: senderMac, type: ARP }, body), {
    reacts: { with: 'answer', on: peer.on, kind: 'arp', address: peer.address },
  });
}

/** An address is somewhere else all of a sudden, or back again. */
export function flip(script: Script, peer: Peer): void {
  const { random } = script;
  const mac = random.pick([peer.mac, STRANGE_MAC, STRANGE_MAC]);
  const isGratuitous = random.chance(0.5);
  const operation = random.integer(1, 2);
  const body = arp({
    operation,
    senderMac: mac,
    senderIp: peer.address,
    targetMac: operation === 1 ? ZERO_MAC : ownMac(peer),
    targetIp: isGratuitous ? peer.address : ownAddress(peer),
  });
  const to = random.chance(0.5) ? BROADCAST_MAC : ownMac(peer);
  script.push(peer.on, ethernet({ to, from: mac, type: ARP }, body));
}
