// One packet's headers as numbers. Hooks decide on these numbers and change them; the bytes are
// patched in one place, when the packet leaves (`Ipv4Output.emit`). There is one Packet per stack and
// direction of travel: never keep a reference beyond the call.

import { Frame, type Note } from '../wire/frame.ts';
import { ANY_ADDRESS, type Ipv4Address } from '../wire/ipv4-address.ts';
import type { Interface } from './device/interface.ts';

/** What a hook says. `Stolen`: the hook has taken the packet over (reassembly). */
export const Verdict = { Accept: 0, Drop: 1, Stolen: 2 } as const;
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

/** The note of a frame that was translated. One that waits for a neighbor keeps its connection by it. */
export interface ConnectionNote extends Note {
  readonly connection: ConnectionReference;
  readonly isReply: boolean;
}

/** What conntrack attaches to a packet, and the note of frames in the original direction. */
export interface ConnectionReference extends ConnectionNote {
  /** The note of frames in the reply direction. */
  readonly answer: ConnectionNote;
}

/** Whether a frame was translated; then its note says by which connection. */
export function isConnectionNote(note: Note): note is ConnectionNote {
  return 'connection' in note;
}

/** How a packet had been cut: a host that made it whole cuts it the same way again, if that fits. */
export interface FragmentGeometry {
  /** The largest piece, header included. */
  readonly largest: number;
  /** Octets of payload in each piece, in order. */
  readonly lengths: readonly number[];
}

/** Rewrites more than addresses and ports of a packet that leaves: headers quoted in ICMP errors. */
export interface PacketRewriter {
  rewrite(frame: Frame, l3: number, packet: Packet): void;
}

const NO_FRAME = new Frame(new Uint8Array(0), new DataView(new ArrayBuffer(0)), 0, 0, 0);

/** One packet on its way through a host. Reused: never keep it. */
export class Packet {
  /** The bytes as they came, or as they were built. Sealed if they came from a port. */
  frame: Frame = NO_FRAME;
  /** Absolute offset of the IPv4 header in the frame. */
  l3 = 0;
  /** Absolute offset of the payload: TCP, UDP, ICMP … */
  l4 = 0;
  /** Absolute offset one past the packet: Ethernet padding lies behind it. */
  end = 0;
  source: Ipv4Address = ANY_ADDRESS;
  destination: Ipv4Address = ANY_ADDRESS;
  protocol = 0;
  timeToLive = 0;
  typeOfService = 0;
  identification = 0;
  dontFragment = false;
  moreFragments = false;
  /** In octets. */
  fragmentOffset = 0;
  /** How it had been cut before it was made whole; null: it came whole. */
  geometry: FragmentGeometry | null = null;
  /** Of a packet of this host that may be cut: what is known of the path. 0: the interface decides. */
  pathMtu = 0;
  /** TCP and UDP ports; for ICMP queries both hold the identifier. Zero where the packet has none. */
  sourcePort = 0;
  destinationPort = 0;
  /** Where it came in; null for packets of this host. */
  ingress: Interface | null = null;
  /** Where it goes out; null until routed. */
  egress: Interface | null = null;
  nextHop: Ipv4Address = ANY_ADDRESS;
  /** skb mark. */
  mark = 0;
  /** The conntrack entry and whether the packet goes in its reply direction. */
  connection: ConnectionReference | null = null;
  isReply = false;
  /** This host sends it about another packet of that connection, and it is no part of it. */
  isRelated = false;
  /** conntrack found it INVALID: it passes, untranslated. */
  isInvalid = false;
  rewriter: PacketRewriter | null = null;
  /** To a broadcast or multicast MAC or address: never forwarded, never answered with an error or RST. */
  isBroadcast = false;
  /** To a broadcast or multicast address, whatever the MAC (RTCF_BROADCAST, RTCF_MULTICAST). */
  isToGroup = false;

  get isFragment(): boolean {
    return this.moreFragments || this.fragmentOffset > 0;
  }

  /** Forgets everything a previous packet left; header fields are overwritten by the parser. */
  reset(): void {
    this.ingress = null;
    this.egress = null;
    this.nextHop = ANY_ADDRESS;
    this.mark = 0;
    this.connection = null;
    this.isReply = false;
    this.isRelated = false;
    this.isInvalid = false;
    this.rewriter = null;
    this.isBroadcast = false;
    this.isToGroup = false;
    this.geometry = null;
    this.pathMtu = 0;
    this.sourcePort = 0;
    this.destinationPort = 0;
  }
}
