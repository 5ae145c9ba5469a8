// Where the lab ends and the kernel begins. The lab knows a port and a cable; what is behind the port
// is opened by the driver of the lab in real time (platform/kernel-attachments.ts), so that nothing here touches
// the machine.

import type { Drops } from '../link/drops.ts';
import type { Link } from '../link/link.ts';
import type { FrameReceiver, Port } from '../link/port.ts';
import type { Emitter } from '../sim/event-log.ts';
import type { Scheduler } from '../sim/scheduler.ts';
import type { AttachmentSpec } from '../topology/attachments/attachment.ts';
import type { FrameArena } from '../wire/frame.ts';
import type { MacAddress } from '../wire/mac-address.ts';
import type { AttachmentEvents } from './events.ts';

/** What stands before the '/' in the name of every attachment's port: 'kernel/egl0'. */
export const KERNEL = 'kernel';

/** What a device of the kernel gets to know of its lab. */
export interface AttachmentSite {
  readonly spec: AttachmentSpec;
  readonly scheduler: Scheduler;
  readonly arena: FrameArena;
  readonly events: Emitter<AttachmentEvents>;
  /** Where frames are counted that the kernel did not take, or should not have sent. */
  readonly drops: Drops;
  /** Of a host's point-to-point interface: what its frames are addressed to; null on a segment. */
  readonly hostMac: MacAddress | null;
}

/** The near end of a kernel device. It owns a port of the lab: what it receives goes to the kernel. */
export interface AttachedDevice extends FrameReceiver {
  /** Called once, before anything is sent: the port through which the kernel speaks, and its cable. */
  plugged(port: Port, link: Link): void;
}

/** Opens what a topology's `attach:` asks for. */
export interface AttachmentProvider {
  /** @throws EgressLabError when the machine does not let us. */
  open(site: AttachmentSite): AttachedDevice;
}

/** One attachment of a running lab. */
export interface Attachment {
  readonly spec: AttachmentSpec;
  readonly port: Port;
  readonly link: Link;
  readonly drops: Drops;
}
