// A pod: a host of its own whose one cable ends at its node's br-int. Its node's subnet is on the link;
// everything else goes to the cluster router.

import type { Interface } from '../../../stack/device/interface.ts';
import { NetworkStack, type StackOptions } from '../../../stack/stack.ts';
import { ANY_ADDRESS, type Ipv4Cidr } from '../../../wire/ipv4-address.ts';
import type { MacAddress } from '../../../wire/mac-address.ts';
import type { FabricPod } from '../../network.ts';
import type { OvnNode } from './node.ts';

/** What a pod is made with. */
export interface OvnPodOptions extends StackOptions {
  readonly node: OvnNode;
  readonly namespace: string;
  /** With the prefix length of the node's pod subnet. */
  readonly address: Ipv4Cidr;
  readonly mac: MacAddress;
}

/** One pod. */
export class OvnPod implements FabricPod {
  readonly name: string;
  readonly namespace: string;
  readonly node: OvnNode;
  readonly stack: NetworkStack;
  readonly address: Ipv4Cidr;
  readonly interface: Interface;

  constructor(options: OvnPodOptions) {
    const { name, node, address, mac } = options;
    this.name = name;
    this.namespace = options.namespace;
    this.node = node;
    this.address = address;
    this.stack = new NetworkStack(options);
    this.interface = this.stack.addInterface({ name: 'eth0', mac, mtu: node.mtu });
    const port = node.brInt.addPort(name, address.address, mac);
    node.plug(this.interface.port, port, name);
    this.stack.addresses.add(this.interface, address);
    this.stack.routes.add({
      destination: { address: ANY_ADDRESS, prefixLength: 0 },
      type: 'unicast',
      via: node.member.gateway,
      iface: this.interface,
      source: null,
      metric: 0,
    });
    // A pod dies and comes back with its node.
    node.stack.onPower((on) => (on ? this.stack.powerOn() : this.stack.powerOff()));
  }
}
