// A cable that is slow for some frames only (gt.py cable): what a host transmits waits on its way to
// the switch. The lab's own cables are slow for every frame alike.

import { present } from '../../src/base/assert.ts';
import type { FrameCarrier } from '../../src/link/port.ts';
import { seconds } from '../../src/sim/time.ts';
import type { Frame } from '../../src/wire/frame.ts';
import type { World } from './world.ts';

export class SlowCable implements FrameCarrier {
  /** Seconds; may be changed at any time. */
  delay = 0;
  readonly #world: World;
  readonly #inner: FrameCarrier;
  readonly #concerns: (octets: Uint8Array) => boolean;

  /** Takes the place of the cable of the host's eth0, for frames that `concerns` picks. */
  constructor(world: World, host: string, concerns: (octets: Uint8Array) => boolean = () => true) {
    const { port } = world.nic(host);
    this.#world = world;
    this.#inner = present(port.cable, 'the interface is plugged in');
    this.#concerns = concerns;
    port.cable = this;
  }

  carry(frame: Frame): void {
    const octets = frame.bytes.subarray(frame.start, frame.end);
    const delay = this.delay > 0 && this.#concerns(octets) ? this.delay : 0;
    if (delay === 0) this.#inner.carry(frame);
    else this.#world.lab.scheduler.after(Math.round(seconds(delay)), pass, this.#inner, frame);
  }
}

function pass(cable: FrameCarrier, frame: Frame): void {
  cable.carry(frame);
}
