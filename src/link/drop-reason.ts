// Why a frame or packet went no further. Each drop in the lab has a name and is counted under it;
// nothing disappears without a reason. Each room that drops something has a table of its own names, of
// which lab/drop-reasons.ts makes one; what each means stands in src/REFERENCE.md. Where Linux has a name
// for it, that name is used (include/net/dropreason-core.h, nstat counters).

/** The name of a reason, of any room's table: 'no-route'. */
export type DropReason = Lowercase<string>;

/** The reasons of cables, switches and attachments. */
export const LinkDrop = {
  // cables
  LinkDown: 'link-down',
  Unplugged: 'unplugged',
  Loss: 'loss',
  QueueFull: 'queue-full',
  BadOffload: 'bad-virtio-header',
  Partitioned: 'partitioned',
  // switches
  SamePort: 'same-port',
  PortNotForwarding: 'port-not-forwarding',
  UnknownUnicast: 'unknown-unicast',
  // malformed
  Runt: 'runt-frame',
  BadSourceMac: 'bad-source-mac',
  TooBig: 'exceeds-mtu',
} as const;
