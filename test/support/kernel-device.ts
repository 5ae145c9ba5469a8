// Stands where a kernel device would, without a kernel: writes down what it is given and sends what it
// is told to.

import type {
  AttachedDevice,
  AttachmentProvider,
  AttachmentSite,
} from '../../src/lab/attachment.ts';
import type { Port } from '../../src/link/port.ts';
import type { Frame } from '../../src/wire/frame.ts';
import { finishFrame } from '../../src/wire/offload.ts';
import { hex } from './frames.ts';

export class KernelDevice implements AttachedDevice {
  readonly site: AttachmentSite;
  /** 'time name octets' of each frame, cut and complete. */
  readonly heard: string[] = [];
  /** Each change of the carrier. */
  readonly carrier: boolean[] = [];
  #port: Port | null = null;

  constructor(site: AttachmentSite) {
    this.site = site;
  }

  plugged(port: Port): void {
    this.#port = port;
  }

  carrierChanged(_port: Port, up: boolean): void {
    this.carrier.push(up);
  }

  receive(frame: Frame): void {
    const { arena, scheduler, spec } = this.site;
    finishFrame(arena, frame, (finished) => {
      this.heard.push(`${scheduler.now} ${spec.name} ${hex(finished.toBytes())}`);
    });
  }

  send(frame: Frame): void {
    this.#port?.transmit(frame);
  }
}

/** Opens such devices, and keeps them in the order of the file. */
export class KernelDevices implements AttachmentProvider {
  readonly opened: KernelDevice[] = [];

  open(site: AttachmentSite): KernelDevice {
    const device = new KernelDevice(site);
    this.opened.push(device);
    return device;
  }
}
