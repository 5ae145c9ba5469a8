// What a gateway router says by ARP: it asks for neighbors, announces addresses, and answers requests.

import * as arp from '../../../wire/arp.ts';
import * as ethernet from '../../../wire/ethernet.ts';
import type { Frame, Note } from '../../../wire/frame.ts';
import type { Ipv4Address } from '../../../wire/ipv4-address.ts';
import { BROADCAST_MAC, type MacAddress, ZERO_MAC } from '../../../wire/mac-address.ts';
import { EtherType } from '../../../wire/numbers.ts';
import type { GatewayRouterOptions } from './gateway-router-options.ts';

/** The voice of one gateway router on its external port. */
export class GatewayArp {
  /** False while the node has no power: nothing is sent. */
  running = true;
  readonly #options: Pick<GatewayRouterOptions, 'arena' | 'mac' | 'address' | 'toBridge'>;
  readonly #announcement: Note;
  readonly #question: Note;
  readonly #answer: Note;

  constructor(
    router: string,
    options: Pick<GatewayRouterOptions, 'arena' | 'mac' | 'address' | 'toBridge'>,
  ) {
    this.#options = options;
    this.#announcement = { text: `${router} announces it` };
    this.#question = { text: `${router} asks: no MAC binding` };
    this.#answer = { text: `${router} answers by flow` };
  }

  /** Who has this address? */
  ask(address: Ipv4Address): void {
    this.#broadcast(this.#question, this.#options.address.address, address);
  }

  /** Gratuitous, as a request. */
  announce(address: Ipv4Address): void {
    this.#broadcast(this.#announcement, address, address);
  }

  /** The router has what the request at `at` asks for. */
  answer(request: Frame, at: number): void {
    this.#transmit(ethernet.source(request), this.#answer, {
      operation: arp.Operation.Reply,
      senderMac: this.#options.mac,
      senderIp: arp.targetIp(request, at),
      targetMac: arp.senderMac(request, at),
      targetIp: arp.senderIp(request, at),
    });
  }

  #broadcast(note: Note, senderIp: Ipv4Address, targetIp: Ipv4Address): void {
    const operation = arp.Operation.Request;
    const senderMac = this.#options.mac;
    const packet = { operation, senderMac, senderIp, targetMac: ZERO_MAC, targetIp };
    this.#transmit(BROADCAST_MAC, note, packet);
  }

  #transmit(to: MacAddress, note: Note, packet: arp.Arp): void {
    if (!this.running) return;
    const { arena, mac, toBridge } = this.#options;
    const frame = arena.allocate(ethernet.HEADER_LENGTH + arp.LENGTH);
    ethernet.emit(frame, to, mac, EtherType.Arp);
    arp.emit(frame, frame.start + ethernet.HEADER_LENGTH, packet);
    frame.note = note;
    toBridge(frame);
  }
}
