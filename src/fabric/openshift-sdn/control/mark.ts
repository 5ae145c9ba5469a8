// The packet mark by which OVS tells iptables which namespace a packet belongs to. VNIDs have 24 bits;
// bits that kubelet and kube-proxy use for themselves move up into the free ones.

import type { Profile } from './profile.ts';

const GLOBAL_VNID_MARK = 0xff00_0000;
/** KUBE-MARK-DROP, kubelet --iptables-drop-bit=15. */
const KUBELET_DROP_BIT = 0x8000;
const MOVED_DROP_BIT = 0x1000_0000;
const MOVED_MASQUERADE_BIT = 0x0100_0000;

/** kube-proxy iptables.masqueradeBit of OpenShift is 0. */
const DEFAULT_MASQUERADE_MASK = 1;

/** The mark of a VNID; unsigned. `masqueradeMask` is 1 << masqueradeBit. */
export function markForVnid(
  vnid: number,
  profile: Profile,
  masqueradeMask: number = DEFAULT_MASQUERADE_MASK,
): number {
  let mark = vnid === 0 ? GLOBAL_VNID_MARK : vnid;
  if (profile.markAvoidsDropBit && (mark & KUBELET_DROP_BIT) !== 0) {
    mark = (mark | MOVED_DROP_BIT) & ~KUBELET_DROP_BIT;
  }
  if ((mark & masqueradeMask) !== 0) {
    mark = (mark | MOVED_MASQUERADE_BIT) & ~masqueradeMask;
  }
  return mark >>> 0;
}
