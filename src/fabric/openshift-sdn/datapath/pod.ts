// A pod: a host of its own whose one cable ends at its node's br0. The pod network is on the link
// (other pods are asked for by ARP, which br0 carries to their node); everything else goes to tun0.

import { Link } from '../../../link/link.ts';
import type { Interface } from '../../../stack/device/interface.ts';
import { NetworkStack, type StackOptions } from '../../../stack/stack.ts';
import { ANY_ADDRESS, type Ipv4Cidr } from '../../../wire/ipv4-address.ts';
import type { MacAddress } from '../../../wire/mac-address.ts';
import type { FabricPod } from '../../network.ts';
import type { SdnNode } from './node.ts';

/** What a pod is made of. */
export interface SdnPodOptions extends StackOptions {
  readonly node: SdnNode;
  readonly namespace: string;
  readonly vnid: number;
  /** With the prefix length of the node's pod subnet. */
  readonly address: Ipv4Cidr;
  readonly mac: MacAddress;
}

/** One pod: a host behind a port of br0. */
export class SdnPod implements FabricPod {
  readonly name: string;
  readonly namespace: string;
  readonly node: SdnNode;
  readonly vnid: number;
  readonly stack: NetworkStack;
  readonly address: Ipv4Cidr;
  readonly interface: Interface;

  constructor(options: SdnPodOptions) {
    this.name = options.name;
    this.namespace = options.namespace;
    this.node = options.node;
    this.vnid = options.vnid;
    this.address = options.address;
    this.stack = new NetworkStack(options);
    const { clusterNetwork, gateway, mtu } = options.node;
    const { address, mac } = options;
    this.interface = this.stack.addInterface({ name: 'eth0', mac, mtu });
    const port = options.node.bridge.addPod(options.name, address.address, mac, options.vnid);
    new Link(this.interface.port, port, {
      scheduler: options.scheduler,
      arena: options.arena,
      random: options.random.fork('veth'),
      drops: this.stack.drops,
    });
    this.stack.addresses.add(this.interface, address);
    this.stack.routes.add({
      destination: clusterNetwork,
      type: 'unicast',
      via: null,
      iface: this.interface,
      source: null,
      metric: 0,
    });
    this.stack.routes.add({
      destination: { address: ANY_ADDRESS, prefixLength: 0 },
      type: 'unicast',
      via: gateway,
      iface: this.interface,
      source: null,
      metric: 0,
    });
    // A pod dies and comes back with its node.
    options.node.stack.onPower((on) => (on ? this.stack.powerOn() : this.stack.powerOff()));
  }
}
