// Where a frame enters or leaves a device. One class for every device: call sites stay monomorphic.

import type { Frame } from '../wire/frame.ts';

/** `in`: from the cable into the device; `out`: from the device onto the cable (EPB flags 1 and 2). */
export type Direction = 'in' | 'out';

/** Whoever owns a port. `frame` is sealed: copy it before changing anything. */
export interface FrameReceiver {
  receive(frame: Frame, ingress: Port): void;
  /** The carrier of the port's cable came or went. */
  carrierChanged(port: Port, up: boolean): void;
}

/** What a port is plugged into; the channel that leads away from it. */
export interface FrameCarrier {
  carry(frame: Frame): void;
}

/** The cable, as far as a port has something to tell it. */
export interface Plug {
  /** The port was enabled or disabled. */
  portChanged(): void;
}

/** Is shown every frame that crosses a port, in either direction. It must not change anything. */
export type FrameObserver = (port: Port, frame: Frame, direction: Direction) => void;

/** A jack of a device. */
export class Port {
  /** Unique in the lab: 'worker02/enp1s0', 'lan/worker02.enp1s0'. */
  readonly name: string;
  #owner: FrameReceiver;
  /** Null while nothing is plugged in. Set by Link. */
  cable: FrameCarrier | null = null;
  /** The same cable, for its carrier. Set by Link. */
  plug: Plug | null = null;
  /** Whether the cable is there and its far end alive. Set by Link. */
  carrier = false;
  #enabled = true;
  /** Null when there is no observer; the cost is one comparison. Set by Capture. */
  observer: FrameObserver | null = null;
  rxFrames = 0;
  rxBytes = 0;
  txFrames = 0;
  txBytes = 0;

  constructor(name: string, owner: FrameReceiver) {
    this.name = name;
    this.#owner = owner;
  }

  /** Who takes what arrives here: its device, or the bridge that it was enslaved to. */
  get owner(): FrameReceiver {
    return this.#owner;
  }

  /**
   * Makes the port one of a bridge's (netdev_rx_handler_register): what arrives goes to the bridge, and the
   * device, which still has the cable, sends only what the bridge transmits here. Returns the device, which
   * the bridge keeps informed of the carrier.
   */
  enslave(bridge: FrameReceiver): FrameReceiver {
    const device = this.#owner;
    this.#owner = bridge;
    return device;
  }

  get enabled(): boolean {
    return this.#enabled;
  }

  /** Turns the transmitter on or off (`ip link set up|down`): the far end sees its carrier come or go. */
  setEnabled(enabled: boolean): void {
    if (this.#enabled === enabled) return;
    this.#enabled = enabled;
    this.plug?.portChanged();
  }

  /** Seals the frame and sends it down the cable. After this nobody writes to it. */
  transmit(frame: Frame): void {
    frame.sealed = true;
    this.txFrames++;
    this.txBytes += frame.length;
    if (this.observer !== null) this.observer(this, frame, 'out');
    if (this.cable !== null) this.cable.carry(frame);
  }

  /** Called by the cable when a frame arrives at this port. */
  deliver(frame: Frame): void {
    this.rxFrames++;
    this.rxBytes += frame.length;
    if (this.observer !== null) this.observer(this, frame, 'in');
    this.#owner.receive(frame, this);
  }
}
