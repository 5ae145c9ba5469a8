// ICMP errors and echo replies of logical routers, as ovn-controller makes them (pinctrl_handle_icmp): DF
// set, and a quote cut so that the frame has 576 octets at most. An error goes back where the packet came
// from, MAC for MAC, with TTL 254 and without being routed; an echo reply has TTL 255 and is routed.

import * as ethernet from '../../../wire/ethernet.ts';
import type { Frame, FrameArena } from '../../../wire/frame.ts';
import * as icmp from '../../../wire/icmp.ts';
import * as ipv4 from '../../../wire/ipv4.ts';
import type { Ipv4Address } from '../../../wire/ipv4-address.ts';
import { EtherType, IpProtocol } from '../../../wire/numbers.ts';

const ERROR_TTL = 254;
const ECHO_TTL = 255;
const FRAME_LIMIT = 576;
const HEADERS = ethernet.HEADER_LENGTH + ipv4.HEADER_LENGTH + icmp.HEADER_LENGTH;

/** Which ICMP error. */
export interface ErrorKind {
  readonly type: number;
  readonly code: number;
  /** Next-hop MTU of fragmentation needed; else 0. */
  readonly mtu: number;
}

/** Time exceeded in transit. */
export const TTL_EXCEEDED: ErrorKind = {
  type: icmp.Type.TimeExceeded,
  code: icmp.TimeExceededCode.Transit,
  mtu: 0,
};

/** `fragmentation needed` with the MTU of the way on. */
export function fragmentationNeeded(mtu: number): ErrorKind {
  return { type: icmp.Type.Unreachable, code: icmp.UnreachableCode.FragmentationNeeded, mtu };
}

/** An error about the packet, to its sender; null about an error, and about all but a first fragment. */
export function icmpError(
  arena: FrameArena,
  about: Frame,
  l3: number,
  source: Ipv4Address,
  { type, code, mtu }: ErrorKind,
): Frame | null {
  if (ipv4.fragmentOffset(about, l3) > 0) return null;
  const l4 = l3 + ipv4.headerLength(about, l3);
  const isIcmp = ipv4.protocol(about, l3) === IpProtocol.Icmp;
  if (isIcmp && l4 < about.end && icmp.isError(icmp.type(about, l4))) return null;
  const quoted = Math.min(ipv4.totalLength(about, l3), FRAME_LIMIT - HEADERS);
  const frame = arena.allocate(HEADERS + quoted);
  const at = frame.start + HEADERS;
  frame.bytes.set(about.bytes.subarray(l3, l3 + quoted), at);
  writeHeaders(frame, source, ipv4.source(about, l3));
  icmp.emit(frame, at - icmp.HEADER_LENGTH, type, code, mtu, icmp.HEADER_LENGTH + quoted);
  return frame;
}

/** The answer to an echo request to a router's own address. The frame must be writable: it becomes the answer. */
export function answerEcho(frame: Frame, l3: number): void {
  const source = ipv4.source(frame, l3);
  const l4 = l3 + ipv4.headerLength(frame, l3);
  ipv4.setSource(frame, l3, ipv4.destination(frame, l3));
  ipv4.setDestination(frame, l3, source);
  ipv4.setTimeToLive(frame, l3, ECHO_TTL);
  ipv4.refreshChecksum(frame, l3);
  icmp.setType(frame, l4, icmp.Type.EchoReply);
  icmp.refreshChecksum(frame, l4, l3 + ipv4.totalLength(frame, l3) - l4);
}

/** True for a whole echo request. */
export function isEchoRequest(frame: Frame, l3: number): boolean {
  const l4 = l3 + ipv4.headerLength(frame, l3);
  return (
    ipv4.protocol(frame, l3) === IpProtocol.Icmp &&
    !ipv4.isFragment(frame, l3) &&
    icmp.check(frame, l4, l3 + ipv4.totalLength(frame, l3) - l4) === null &&
    icmp.type(frame, l4) === icmp.Type.Echo
  );
}

/** The Ethernet addresses are written by whoever sends it on. */
function writeHeaders(frame: Frame, source: Ipv4Address, destination: Ipv4Address): void {
  const l3 = frame.start + ethernet.HEADER_LENGTH;
  frame.view.setUint16(frame.start + ethernet.HEADER_LENGTH - 2, EtherType.Ipv4);
  const length = frame.end - l3;
  const { DontFragment } = ipv4.Flag;
  ipv4.emit(frame, l3, length, 0, DontFragment, ERROR_TTL, IpProtocol.Icmp, source, destination);
}
