// TCP by guessing: flows to the host and through it that remember their own sequence numbers and aim
// the server's half at what NAT should have made of the client's. What a NAT drew at random they miss;
// tcp-talk.ts does not.

import { type IpFields, tcp } from '../build.ts';
import { type Peer, TCP_PORT } from '../configuration.ts';
import { isOwn, outside, senderFor } from './addresses.ts';
import { anyData, checksumQuirk, cut, headerQuirks, tcpOptions } from './malformations.ts';
import type { Script } from './script.ts';
import { Flag } from './tcp-flags.ts';

const TCP = 6;
const NOTHING = new Uint8Array(0);

interface Flow {
  readonly client: Peer;
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** What the answers are sent to. */
  readonly outside: string;
  readonly isLocal: boolean;
  clientNext: number;
  serverNext: number;
}

export class TcpFlows {
  readonly #script: Script;
  readonly #flows: Flow[] = [];

  constructor(script: Script) {
    this.#script = script;
  }

  /** The next segment of any flow, or of a new one. */
  next(): void {
    const { random } = this.#script;
    if (this.#flows.length === 0 || random.chance(0.3)) this.#open();
    else this.#continue(random.pick(this.#flows));
  }

  #open(): void {
    const { random, config } = this.#script;
    const client = this.#script.anyPeer();
    const header = this.#script.header(client, TCP);
    const flow: Flow = {
      client,
      source: header.source,
      destination: header.destination,
      sourcePort: random.pick([50_000, 50_000, 50_001, 700, 0]),
      destinationPort: random.pick([TCP_PORT, TCP_PORT, 81, 80]),
      outside: outside(config, header.source, 'eth1'),
      isLocal: isOwn(header.destination),
      clientNext: random.uint32(),
      serverNext: random.uint32(),
    };
    this.#flows.push(flow);
    const flags = random.chance(0.85) ? Flag.Syn : random.integer(0, 255);
    this.#segment(flow, header, flags, random.chance(0.9) ? NOTHING : anyData(random));
    flow.clientNext = (flow.clientNext + 1) >>> 0;
    if (random.chance(0.5)) return;
    if (!flow.isLocal) this.#reply(flow, Flag.Syn | Flag.Ack, NOTHING);
    flow.serverNext = (flow.serverNext + 1) >>> 0;
    if (random.chance(0.8)) this.#segment(flow, this.#again(flow), Flag.Ack, NOTHING);
  }

  #again({ source, destination }: Flow): IpFields {
    return { source, destination, protocol: TCP, id: this.#script.identification() };
  }

  #continue(flow: Flow): void {
    const { random } = this.#script;
    const { Ack, Fin, Psh, Rst, Syn } = Flag;
    const flags = random.chance(0.75)
      ? random.pick([Ack, Ack, Psh | Ack, Fin | Ack, Rst, Rst | Ack, Syn, Syn | Ack])
      : random.integer(0, 255);
    const data = (flags & (Syn | Rst)) === 0 && random.chance(0.5) ? anyData(random) : NOTHING;
    if (!flow.isLocal && random.chance(0.4)) {
      this.#reply(flow, flags, data);
      return;
    }
    const header = random.chance(0.9)
      ? this.#again(flow)
      : { ...this.#again(flow), ...headerQuirks(random) };
    this.#segment(flow, header, flags, data);
    const octets = data.length + (flags & Fin ? 1 : 0);
    if (random.chance(0.9)) flow.clientNext = (flow.clientNext + octets) >>> 0;
  }

  /** From the client of a flow. */
  #segment(flow: Flow, header: IpFields, flags: number, data: Uint8Array): void {
    const { random } = this.#script;
    const isFirst = flags === Flag.Syn;
    const follows = flow.isLocal && !isFirst && random.chance(0.9);
    const acknowledgment = flags & Flag.Ack ? (follows ? 1 : flow.serverNext) : 0;
    const off = random.chance(0.1) ? random.pick([-1, 1, -1000, 1000, 70_000, 2_000_000]) : 0;
    const offAcknowledgment = random.chance(0.06) ? random.pick([-1, 1, 1000, 0x4000_0000]) : 0;
    const fields = {
      sourcePort: flow.sourcePort,
      destinationPort: flow.destinationPort,
      sequence: (flow.clientNext + off) >>> 0,
      acknowledgment: (acknowledgment + offAcknowledgment) >>> 0,
      flags,
      window: random.chance(0.9) ? 0xfaf0 : random.pick([0, 1, 0xffff]),
      ...(random.chance(0.04) ? { urgent: 3 } : {}),
      ...(random.chance(0.4) ? { options: tcpOptions(random, isFirst) } : {}),
      ...(random.chance(0.02) ? { headerWords: random.pick([0, 4, 15]) } : {}),
      ...checksumQuirk(random),
    };
    const body = cut(random, tcp(header, fields, data), 0.02, 19);
    const isRelative = follows && (flags & Flag.Ack) !== 0;
    this.#script.send(flow.client, header, body, isRelative ? { follows: true } : {});
  }

  /** From the server of a flow that goes through the host. */
  #reply(flow: Flow, flags: number, data: Uint8Array): void {
    const { random } = this.#script;
    const ends = { source: flow.destination, destination: flow.outside, protocol: TCP };
    const fields = {
      sourcePort: flow.destinationPort,
      destinationPort: flow.sourcePort,
      sequence: flow.serverNext,
      acknowledgment: flags & Flag.Ack ? flow.clientNext : 0,
      flags,
      window: random.chance(0.9) ? 0xfaf0 : random.pick([0, 1, 0xffff]),
    };
    const header = { ...ends, id: this.#script.identification() };
    this.#script.send(senderFor(flow.destination), header, tcp(ends, fields, data));
    const octets = data.length + (flags & Flag.Fin ? 1 : 0);
    if (flags !== (Flag.Syn | Flag.Ack)) flow.serverNext = (flow.serverNext + octets) >>> 0;
  }
}
