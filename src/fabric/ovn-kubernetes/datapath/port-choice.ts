// Which source port (or ICMP id) a translated connection leaves with. Open vSwitch's userspace datapath
// searches upwards (lib/conntrack.c, nat_get_unique_tuple); the kernel's begins at a random port
// (nf_nat_l4proto_unique_tuple). Both keep the pod's own when it is free.

import type { Random } from '../../../sim/random.ts';
import { IpProtocol } from '../../../wire/numbers.ts';

/** Which Open vSwitch datapath forwards: `kernel` on clusters, `userspace` where it was measured. */
export type DatapathType = 'kernel' | 'userspace';

const LAST_PORT = 0xffff;

/**
 * The port to leave with, or -1 when there is none; then Open vSwitch sends the packet untranslated. In
 * userspace an ICMP id is never changed. `isTaken` says whether a port clashes.
 */
export function choosePort(
  datapath: DatapathType,
  protocol: number,
  wanted: number,
  isTaken: (port: number) => boolean,
  random: Random,
): number {
  if (!isTaken(wanted)) return wanted;
  const isIcmp = protocol === IpProtocol.Icmp;
  if (!isIcmp && protocol !== IpProtocol.Tcp && protocol !== IpProtocol.Udp) return -1;
  if (isIcmp && datapath === 'userspace') return -1;
  const low = isIcmp ? 0 : lowest(wanted);
  const high = isIcmp ? LAST_PORT : highest(wanted);
  const count = high - low + 1;
  const from = datapath === 'userspace' ? Math.max(wanted, low) : random.integer(low, high);
  for (let i = 0; i < count; i++) {
    const port = low + ((from - low + i) % count);
    if (!isTaken(port)) return port;
  }
  return -1;
}

function lowest(port: number): number {
  return port < 512 ? 1 : port < 1024 ? 600 : 1024;
}

function highest(port: number): number {
  return port < 512 ? 511 : port < 1024 ? 1023 : LAST_PORT;
}
