// What every EgressNode owes its agent, whatever stands behind it. Run by each implementation's tests:
//   egressNodeContract('ClusterNode', () => ({ node, nodeIp, free, settle }))

import { describe, expect, test } from 'vitest';
import type { DialOutcome } from '../../src/fabric/dialer.ts';
import type {
  EgressNode,
  NamespaceEgress,
} from '../../src/fabric/openshift-sdn/control/egress-node.ts';
import { seconds } from '../../src/sim/time.ts';
import { type Ipv4Address, type Ipv4Cidr, ipv4Address } from '../../src/wire/ipv4-address.ts';

export interface EgressNodeUnderTest {
  readonly node: EgressNode;
  /** The node's own address. */
  readonly nodeIp: Ipv4Address;
  /** Two addresses of the node's network that nobody has. */
  readonly free: readonly [Ipv4Address, Ipv4Address];
  /** An address that answers a dial in some way within ten seconds. */
  readonly dialable: Ipv4Address;
  /** Lets so much lab time pass. */
  readonly pass: (nanos: number) => void;
}

const VNID = 5_281_170;
const MARK = 0x50_9592;

export function egressNodeContract(name: string, create: () => EgressNodeUnderTest): void {
  function link(under: EgressNodeUnderTest): {
    readonly name: string;
    readonly prefixLength: number;
  } {
    const found = under.node.primaryInterface(under.nodeIp);
    if (found === null) throw new Error('the node does not know its own address');
    return { name: found.name, prefixLength: found.address.prefixLength };
  }

  function cidr(under: EgressNodeUnderTest, address: Ipv4Address): Ipv4Cidr {
    return { address, prefixLength: link(under).prefixLength };
  }

  describe(`${name} is an EgressNode`, () => {
    test('it finds the interface of its own address and of no other', () => {
      const { free, node, nodeIp } = create();
      expect(node.primaryInterface(nodeIp)?.address.address).toBe(nodeIp);
      expect(node.primaryInterface(free[0])).toBeNull();
    });

    test('an egress address is added once and removed once', () => {
      const under = create();
      const { node } = under;
      const [address] = under.free;
      const { name: iface } = link(under);
      expect(node.addEgressAddress(iface, cidr(under, address))).toEqual({ kind: 'done' });
      expect(node.addEgressAddress(iface, cidr(under, address))).toEqual({ kind: 'unchanged' });
      expect(node.egressAddresses(iface)).toEqual([address]);
      expect(node.removeEgressAddress(iface, cidr(under, address))).toEqual({ kind: 'done' });
      expect(node.removeEgressAddress(iface, cidr(under, address))).toEqual({ kind: 'unchanged' });
      expect(node.egressAddresses(iface)).toEqual([]);
    });

    test('the node address is no egress address', () => {
      const under = create();
      expect(under.node.egressAddresses(link(under).name)).toEqual([]);
    });

    test('ARP can be sent for an address that is there, and for no other', () => {
      const under = create();
      const { node } = under;
      const [address, other] = under.free;
      const { name: iface } = link(under);
      node.addEgressAddress(iface, cidr(under, address));
      expect(node.sendArp(iface, address, 'reply', 'announce 1/2')).toBe(true);
      expect(node.sendArp(iface, other, 'request', 'announce 2/2')).toBe(false);
    });

    test('rules of addresses that are not to be retained go', () => {
      const { free, node } = create();
      node.addSnat(MARK, free[0]);
      node.addSnat(MARK + 2, free[1]);
      expect(node.retainSnat([free[1]])).toBe(1);
      expect(node.retainSnat([free[1]])).toBe(0);
      node.removeSnat(MARK + 2, free[1]);
      node.removeSnat(MARK + 2, free[1]);
      expect(node.retainSnat([])).toBe(0);
    });

    test('a namespace takes whatever it is told, again and again', () => {
      const { node, nodeIp } = create();
      const ways: readonly NamespaceEgress[] = [
        { kind: 'dropped' },
        { kind: 'via', buckets: [{ kind: 'local', mark: MARK }], commit: false },
        {
          kind: 'via',
          buckets: [{ kind: 'remote', hostIp: ipv4Address(nodeIp + 1) }],
          commit: true,
        },
        { kind: 'normal' },
        { kind: 'normal' },
      ];
      for (const way of ways) expect(() => node.setNamespaceEgress(VNID, way)).not.toThrow();
      node.setUpPodSwitch();
      expect(node.setUpPodSwitch(), 'it stands').toBe(false);
    });

    test('an unknown peer has sent and received nothing', () => {
      const { free, node } = create();
      expect(node.tunnelCounters(free[0])).toEqual({ received: 0, sent: 0 });
    });

    test('only an address that others took off is reported as lost, and not to who has gone', () => {
      const under = create();
      const [address] = under.free;
      const { name: iface } = link(under);
      const lost: Ipv4Address[] = [];
      const unsubscribe = under.node.onAddressLost((gone) => lost.push(gone));
      under.node.addEgressAddress(iface, cidr(under, address));
      under.node.removeEgressAddress(iface, cidr(under, address));
      under.pass(seconds(1));
      expect(lost).toEqual([]);
      unsubscribe();
    });

    test('a dial ends exactly once, never before it has returned', () => {
      const { dialable, node, pass } = create();
      const outcomes: DialOutcome[] = [];
      node.dial(dialable, 9, seconds(5), (outcome) => outcomes.push(outcome));
      expect(outcomes).toEqual([]);
      pass(seconds(20));
      expect(outcomes).toHaveLength(1);
    });
  });
}
