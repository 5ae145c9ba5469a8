// `addAddress: 192.168.50.120/24` and `removeAddress: 192.168.50.120`, as `ip address` does.

import type { Ipv4Address, Ipv4Cidr } from '../../wire/ipv4-address.ts';
import type { InterfaceReference, StepBase } from './step.ts';

/** The gratuitous ARP that follows an added address: `arping -U` sends requests, `arping -A` replies. */
export type Announcement = 'none' | 'request' | 'reply';

export interface AddAddressStep extends StepBase {
  readonly kind: 'add-address';
  readonly on: InterfaceReference;
  readonly address: Ipv4Cidr;
  readonly announce: Announcement;
}

export interface RemoveAddressStep extends StepBase {
  readonly kind: 'remove-address';
  readonly on: InterfaceReference;
  readonly address: Ipv4Address;
}
