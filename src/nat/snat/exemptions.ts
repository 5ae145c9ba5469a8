// Packets that conntrack leaves alone, as `-j CT --notrack` in the raw table says. OpenShift SDN
// exempts its VXLAN: there is no use in tracking the tunnel beside what goes through it.

import type { Packet } from '../../stack/packet.ts';

/** In either direction of travel. */
export interface Exemption {
  readonly protocol: number;
  /** Null means any. */
  readonly destinationPort: number | null;
}

/** Connections that are tracked and never translated. */
export class Exemptions {
  readonly #list: Exemption[] = [];

  /** Holds until the returned function is called. */
  add(exemption: Exemption): () => void {
    this.#list.push(exemption);
    return () => {
      const index = this.#list.indexOf(exemption);
      if (index >= 0) this.#list.splice(index, 1);
    };
  }

  cover(packet: Packet): boolean {
    for (const { protocol, destinationPort } of this.#list) {
      if (packet.protocol !== protocol) continue;
      if (destinationPort === null || packet.destinationPort === destinationPort) return true;
    }
    return false;
  }
}
