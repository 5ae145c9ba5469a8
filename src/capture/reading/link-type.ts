// What the frames of a capture begin with: the LINKTYPE_ numbers of the registry at tcpdump.org that are read here,
// and the names of common ones that are not, for the message.

/** The link types that can be explained. */
export const LinkType = {
  Null: 0,
  Ethernet: 1,
  RawBsd: 12,
  RawOpenBsd: 14,
  Raw: 101,
  Loop: 108,
  LinuxCooked: 113,
  Ipv4: 228,
  Ipv6: 229,
  LinuxCooked2: 276,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map([
  [0, 'BSD loopback'],
  [1, 'Ethernet'],
  [6, 'Token Ring'],
  [7, 'ARCNET'],
  [8, 'SLIP'],
  [9, 'PPP'],
  [10, 'FDDI'],
  [12, 'raw IP'],
  [14, 'raw IP'],
  [50, 'PPP in HDLC'],
  [51, 'PPPoE'],
  [101, 'raw IP'],
  [104, 'Cisco HDLC'],
  [105, 'IEEE 802.11'],
  [107, 'Frame Relay'],
  [108, 'OpenBSD loopback'],
  [113, 'Linux cooked v1'],
  [117, 'OpenBSD pflog'],
  [119, 'Prism'],
  [127, 'IEEE 802.11 with radiotap'],
  [143, 'DOCSIS'],
  [147, 'user 0'],
  [182, 'multi-link Frame Relay'],
  [187, 'Bluetooth HCI H4'],
  [189, 'USB with a Linux header'],
  [195, 'IEEE 802.15.4'],
  [220, 'USB with a padded Linux header'],
  [228, 'raw IPv4'],
  [229, 'raw IPv6'],
  [239, 'NFLOG'],
  [249, 'USBPcap'],
  [253, 'netlink'],
  [276, 'Linux cooked v2'],
]);

const READ: ReadonlySet<number> = new Set(Object.values(LinkType));

/** Whether frames of this link type can be explained. */
export function isReadable(linkType: number): boolean {
  return READ.has(linkType);
}

/** '127 (IEEE 802.11 with radiotap)', or the bare number of a type that has no name here. */
export function nameOfLinkType(linkType: number): string {
  const name = NAMES.get(linkType);
  return name === undefined ? `${linkType}` : `${linkType} (${name})`;
}
