// Why packets about an address do not arrive, by name.

/** What each cause means. */
export const CAUSES = {
  'no-usable-ip': 'the namespace has egress IPs and none is usable, so its packets are dropped',
  'probe-not-failed': 'the holder cannot be heard, and no health check has said so yet',
  'being-moved': 'the holder is known to be offline, and no node has taken over yet',
  'not-held': 'no machine that can be heard holds the address',
  'no-announcement': 'the holder has announced nothing, and an old entry is still believed',
  'stale-announcement': "the address was announced with a MAC address that is not the holder's",
  'announcement-lost': 'the holder has announced itself, and the announcement did not get there',
  locktime: 'the announcement came too soon after the entry had changed, and was not believed',
  'announcement-refused': 'the announcement was heard by a machine that believes none',
  'permanent-entry':
    'the entry of a machine on the way is permanent, so no announcement changes it',
  overtaken: 'the announcement was believed until a later claim of another MAC address came',
  'duplicate-holder': 'another machine has the address too and gets what is meant for the holder',
  'rows-left-behind':
    'the status names another node, and the NAT rows of a former one are still there',
  'old-router-answers':
    'the new holder has announced itself, and the gateway router of the old one still answers',
  'move-gap': 'between two transactions of a move packets leave with the address of their node',
  'switch-table-stale': 'a switch does not know where the holder is',
  'nat-state-missing': 'the holder has no connection tracking entry for what arrives',
  unresolved: 'no machine has answered for the address',
  refused: 'a packet filter does not let it pass',
  wire: 'a cable loses it',
  partition: 'a partition keeps the two sides apart',
  'no-carrier': 'the cable of an interface on the way is out, or the interface is down',
  'machine-down': 'a machine on the way has no power, or all its cables are out',
  'no-route': 'a machine on the way has no route',
  'route-refuses': 'a route on the way says that it leads nowhere',
  'not-a-router': 'a machine gets what is for another one, and forwards nothing',
  'routing-loop': 'routers send it round until its TTL is used up',
  'reverse-path': 'a machine does not accept the source address where it arrives',
  'too-big': 'it is larger than a link on the way allows, and must not be fragmented',
  'same-mac': 'two machines have one MAC address',
  'wrong-mac': 'a machine sends to a MAC address that is not that of the next hop',
  'arp-suppressed': 'the machine that has the address does not answer ARP requests for it',
  'no-listener': 'no program listens there',
  'no-answer': 'the server gets the requests, and no answer comes in time',
  'source-gone': 'the sender uses a source address that it no longer has',
  'nat-changed': 'address translation has no way for it',
  'table-full': 'a table on the way is full',
  overload: 'a queue on the way is full',
  damaged: 'packets arrive damaged, or are malformed',
  'connection-state': 'a segment does not fit the connection that the receiver knows',
  dropped: 'a device on the way drops it',
  'retry-pending': 'the path works again, and no request has been sent yet',
  unknown: 'nothing in the log explains it',
} as const;

/** Why packets about an address do not arrive. */
export type Cause = keyof typeof CAUSES;
