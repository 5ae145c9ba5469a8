// A conversation over UDP: datagrams, their answers, answers from the wrong port or address, and
// ICMP errors about either.

import { udp } from '../build.ts';
import { anyData, checksumQuirk } from './malformations.ts';
import type { Script } from './script.ts';
import { type Payload, type Talk, type TalkEnds, TalkWire } from './talk.ts';

export class UdpTalk implements Talk {
  readonly wire: TalkWire;
  readonly #script: Script;
  readonly #ends: TalkEnds;

  constructor(script: Script, ends: TalkEnds) {
    this.wire = new TalkWire(script, 'udp', ends);
    this.#script = script;
    this.#ends = ends;
  }

  next(): void {
    const { random } = this.#script;
    const draw = random.unit();
    if (!this.wire.hears('server') && random.chance(0.1)) this.wire.intrude(this.#datagram(false));
    else if (!this.wire.hears('server') || draw < 0.25) this.wire.begin(this.#datagram(true));
    else if (draw < 0.6) {
      const keeps = random.chance(0.85)
        ? undefined
        : random.pick(['source', 'source-port', 'destination-port'] as const);
      this.wire.answer('server', this.#datagram(false), keeps);
    } else if (draw < 0.75 && this.wire.hears('client'))
      this.wire.answer('client', this.#datagram(true));
    else if (draw < 0.85 && this.wire.hears('client')) this.wire.error('client');
    else this.wire.error('server');
  }

  #datagram(fromClient: boolean): Payload {
    const { random } = this.#script;
    const { clientPort, serverPort } = this.#ends;
    const ports = fromClient
      ? { sourcePort: clientPort, destinationPort: serverPort }
      : { sourcePort: random.pick([serverPort, 54]), destinationPort: clientPort };
    const fields = {
      ...ports,
      ...(random.chance(0.1) ? { checksum: 'none' as const } : {}),
      ...checksumQuirk(random),
    };
    return (header) => udp(header, fields, anyData(random));
  }
}
