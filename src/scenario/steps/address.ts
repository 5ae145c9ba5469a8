// `addAddress` and `removeAddress`: what `ip address add|del` does, and the arping that follows it.

import { present } from '../../base/assert.ts';
import type { AddAddressStep, RemoveAddressStep } from '../../topology/steps/address.ts';
import { formatIpv4 } from '../../wire/ipv4-address.ts';
import type { ScenarioState } from '../state.ts';

/** `addAddress`, and the gratuitous ARP that it may ask for. */
export function addAddress({ lab }: ScenarioState, step: AddAddressStep): void {
  const { stack } = lab.machine(step.on.machine);
  const iface = present(stack.interface(step.on.interface), 'the topology was validated');
  stack.addresses.add(iface, step.address);
  if (step.announce === 'none' || !stack.powered) return;
  const { address } = step.address;
  const note = `${formatIpv4(address)} announced by ${stack.name} (${step.announce})`;
  stack.arp.announce(iface, address, step.announce, note);
  lab.events.emit(stack.name, 'announced', {
    address: formatIpv4(address),
    interface: iface.name,
    form: step.announce,
  });
}

/** `removeAddress`. */
export function removeAddress({ lab }: ScenarioState, step: RemoveAddressStep): void {
  const { stack } = lab.machine(step.on.machine);
  const iface = present(stack.interface(step.on.interface), 'the topology was validated');
  stack.addresses.remove(iface, step.address);
}
