// A bridge between a NIC and its kernel, as OVN's br-ex: the NIC keeps its cable, the kernel is behind.

import { expect, test } from 'vitest';
import { createLab, type Lab } from '../../src/lab/lab.ts';
import { Link } from '../../src/link/link.ts';
import { type FrameReceiver, Port } from '../../src/link/port.ts';
import type { Frame } from '../../src/wire/frame.ts';
import { cidr, nic } from '../support/lan.ts';
import { topologyOf } from '../support/scenarios.ts';

const TEXT = `name: enslaved
segments: { lan: { subnet: 10.0.0.0/24 } }
hosts:
  a: { interfaces: { eth0: { segment: lan, address: 10.0.0.1 } } }
  b: { interfaces: { eth0: { segment: lan, address: 10.0.0.2 } } }
`;

/** Two ports, and nothing but passing on: `up` is the NIC's, `down` faces the kernel. */
class TwoPorts implements FrameReceiver {
  readonly #up: Port;
  readonly down: Port;
  readonly #nic: FrameReceiver;
  passed = 0;

  constructor(name: string, up: Port) {
    this.#up = up;
    this.down = new Port(`${name}/br-ex/kernel`, this);
    this.#nic = up.enslave(this);
  }

  receive(frame: Frame, ingress: Port): void {
    this.passed++;
    (ingress === this.#up ? this.down : this.#up).transmit(frame);
  }

  carrierChanged(port: Port, up: boolean): void {
    if (port === this.#up) this.#nic.carrierChanged(port, up);
  }
}

/** What ovs-configuration.service does to a node. */
function bridged(lab: Lab): TwoPorts {
  const stack = lab.stack('a');
  const eth0 = nic(stack);
  const bridge = new TwoPorts('a', eth0.port);
  stack.addresses.remove(eth0, cidr('10.0.0.1/24').address);
  const inner = stack.addInterface({ name: 'br-ex', mac: eth0.mac, mtu: eth0.mtu });
  const { scheduler, arena, random } = lab;
  new Link(inner.port, bridge.down, { scheduler, arena, random, drops: stack.drops });
  stack.addresses.add(inner, cidr('10.0.0.1/24'));
  return bridge;
}

/** Answers to one request of b. */
function pings(lab: Lab): number {
  let answers = 0;
  const echo = lab.stack('b').icmp.openEcho({ onReply: () => answers++, onError: () => undefined });
  echo.send(cidr('10.0.0.1/24').address, 1);
  lab.advance('5s');
  return answers;
}

test('the kernel is reached through the bridge, and captures show the NIC and what is behind', () => {
  const lab = createLab(topologyOf(TEXT, 'enslaved.yaml'));
  const bridge = bridged(lab);
  const [onWire, behind] = [lab.capture('a/eth0'), lab.capture('a/br-ex')];
  expect(pings(lab)).toBe(1);
  expect(bridge.passed).toBe(onWire.frames.length);
  expect(behind.frames.length).toBe(onWire.frames.length);
});

test('the cable stays the cable of the NIC: the kernel hears of it, and what is down is down', () => {
  const lab = createLab(topologyOf(TEXT, 'enslaved.yaml'));
  const bridge = bridged(lab);
  lab.setLink({ kind: 'interface', machine: 'a', interface: 'eth0' }, false);
  const changes = lab.events.events.filter(({ kind }) => kind === 'carrier-changed');
  expect(changes).toMatchObject([{ source: 'a', fields: { interface: 'eth0', carrier: false } }]);
  expect(pings(lab)).toBe(0);
  expect(bridge.passed).toBe(0);
});
