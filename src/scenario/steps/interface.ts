// `setInterface`: `ip link set`, in the order in which ip sets what it is given: MAC address, MTU, state.

import { present } from '../../base/assert.ts';
import type { SetInterfaceStep } from '../../topology/steps/interface.ts';
import { formatMac } from '../../wire/mac-address.ts';
import type { ScenarioState } from '../state.ts';

/** `setInterface`. */
export function setInterface({ lab }: ScenarioState, step: SetInterfaceStep): void {
  const { mac, mtu, on, up } = step;
  const { stack } = lab.machine(on.machine);
  const iface = present(stack.interface(on.interface), 'the topology was validated');
  if (mac !== null) {
    stack.setInterfaceMac(iface, mac);
    lab.events.emit(stack.name, 'mac-set', { interface: iface.name, mac: formatMac(mac) });
  }
  if (mtu !== null) {
    stack.setInterfaceMtu(iface, mtu);
    lab.events.emit(stack.name, 'mtu-set', { interface: iface.name, mtu });
  }
  if (up !== null) stack.setInterfaceUp(iface, up);
}
