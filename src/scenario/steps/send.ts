// `send`: frames as a program with a raw socket makes them. The host's own ARP takes no notice.

import { present } from '../../base/assert.ts';
import type { Emitter } from '../../sim/event-log.ts';
import type { Interface } from '../../stack/device/interface.ts';
import type { NetworkStack } from '../../stack/stack.ts';
import type { ScenarioEvents } from '../../topology/events.ts';
import type { ArpFrameSpec, SendStep, SentFrame } from '../../topology/steps/send.ts';
import { Operation } from '../../wire/arp.ts';
import { describe } from '../../wire/describe.ts';
import { ANY_ADDRESS, formatIpv4 } from '../../wire/ipv4-address.ts';
import { formatMac } from '../../wire/mac-address.ts';
import type { ScenarioState } from '../state.ts';
import { sendPacket } from './packet.ts';

/** `send`: the first frame now, the others at their interval. */
export function send({ lab }: ScenarioState, step: SendStep): void {
  const { stack } = lab.machine(step.on.machine);
  const iface = present(stack.interface(step.on.interface), 'the topology was validated');
  sendNext(new Sending(stack, lab.events, iface, step));
}

class Sending {
  readonly stack: NetworkStack;
  readonly events: Emitter<ScenarioEvents>;
  readonly iface: Interface;
  readonly step: SendStep;
  left: number;

  constructor(
    stack: NetworkStack,
    events: Emitter<ScenarioEvents>,
    iface: Interface,
    step: SendStep,
  ) {
    this.stack = stack;
    this.events = events;
    this.iface = iface;
    this.step = step;
    this.left = step.count;
  }
}

function sendNext(sending: Sending): void {
  const { stack, step } = sending;
  // The program dies with its host.
  if (!stack.powered) return;
  if (step.frame.kind === 'arp') sendArp(sending, step.frame.arp);
  else sendOther(sending, step.frame);
  if (--sending.left > 0) stack.scheduler.after(step.interval, sendNext, sending, null);
}

function sendOther(
  { events, iface, stack, step }: Sending,
  frame: Exclude<SentFrame, { kind: 'arp' }>,
): void {
  const { note } = step;
  let text: string;
  if (frame.kind === 'ipv4') {
    text = sendPacket(stack, iface, frame.packet, step);
  } else {
    const made = stack.arena.from(frame.octets);
    made.note = { text: note ?? `made by hand on ${iface.port.name}` };
    text = describe(made);
    iface.transmit(made);
  }
  events.emit(stack.name, 'frame-sent', { interface: iface.name, frame: text, comment: note });
}

function sendArp({ events, iface, stack, step }: Sending, arp: ArpFrameSpec): void {
  const { operation, targetIp } = arp;
  const { destination, source } = step.ethernet;
  const senderIp = arp.senderIp ?? iface.addresses[0]?.address ?? ANY_ADDRESS;
  const senderMac = arp.senderMac ?? iface.mac;
  stack.arp.send(iface, {
    operation,
    senderIp,
    targetIp,
    senderMac,
    ...(arp.targetMac === null ? {} : { targetMac: arp.targetMac }),
    ...(source === null ? {} : { source }),
    ...(destination === null ? {} : { destination }),
    note: step.note ?? `made by hand on ${iface.port.name}`,
  });
  events.emit(stack.name, 'arp-sent', {
    interface: iface.name,
    operation: nameOf(operation),
    senderIp: formatIpv4(senderIp),
    senderMac: formatMac(senderMac),
    targetIp: formatIpv4(targetIp),
    comment: step.note,
  });
}

function nameOf(operation: number): string {
  if (operation === Operation.Request) return 'request';
  return operation === Operation.Reply ? 'reply' : String(operation);
}
