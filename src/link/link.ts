// The cable between two ports: two channels that can differ, and a plug at each end.

import { assert } from '../base/assert.ts';
import { Channel, type ChannelContext, type ChannelSettings } from './channel.ts';
import type { Plug, Port } from './port.ts';

/** A cable between two ports: two channels and a carrier. */
export class Link implements Plug {
  readonly a: Port;
  readonly b: Port;
  /** Carries what `a` transmits. */
  readonly ab: Channel;
  /** Carries what `b` transmits. */
  readonly ba: Channel;
  #plugged = true;
  #carrier = true;

  /** Plugs the cable into both ports. */
  constructor(a: Port, b: Port, context: ChannelContext) {
    assert(a.cable === null && b.cable === null, 'a port takes one cable');
    this.a = a;
    this.b = b;
    this.ab = new Channel(`${a.name}>${b.name}`, b, context);
    this.ba = new Channel(`${b.name}>${a.name}`, a, context);
    a.cable = this.ab;
    b.cable = this.ba;
    a.plug = this;
    b.plug = this;
    a.carrier = true;
    b.carrier = true;
  }

  /** Plugged in, and both ends enabled. */
  get carrier(): boolean {
    return this.#carrier;
  }

  /** The same settings in both directions. */
  configure(settings: ChannelSettings): void {
    this.ab.configure(settings);
    this.ba.configure(settings);
  }

  /** Pulls the cable, or plugs it back: both ends lose or regain their carrier. */
  setCarrier(up: boolean): void {
    this.#plugged = up;
    this.portChanged();
  }

  /** Called by a port that was enabled or disabled. */
  portChanged(): void {
    const up = this.#plugged && this.a.enabled && this.b.enabled;
    if (this.#carrier === up) return;
    this.#carrier = up;
    this.ab.setCarrier(up);
    this.ba.setCarrier(up);
    this.a.carrier = up;
    this.b.carrier = up;
    this.a.owner.carrierChanged(this.a, up);
    this.b.owner.carrierChanged(this.b, up);
  }
}
