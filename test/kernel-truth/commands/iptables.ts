// iptables [-t nat] -A CHAIN … -j TARGET, and -F; nft's "snat to RANGE" is `-j SNAT --to-source` here.

import type { ConnectionState } from '../../../src/nat/conntrack/connection-state.ts';
import type { RejectWith } from '../../../src/nat/filter/reject.ts';
import type { FilterMatch } from '../../../src/nat/filter/rule.ts';
import type { Netfilter } from '../../../src/nat/netfilter.ts';
import type { SnatRuleSpec, SnatTarget } from '../../../src/nat/snat/rule.ts';
import { HookPoint, HookPriority } from '../../../src/stack/hooks.ts';
import { Verdict } from '../../../src/stack/packet.ts';
import type { NetworkStack } from '../../../src/stack/stack.ts';
import type { Ipv4Cidr } from '../../../src/wire/ipv4-address.ts';
import { parseCidr } from '../../../src/wire/ipv4-address.ts';
import { IpProtocol } from '../../../src/wire/numbers.ts';
import { Arguments } from '../arguments.ts';
import { address } from '../world.ts';
import type { Command } from './command.ts';

const FLAGS = ['-w', '-F', '--random', '--random-fully', '--persistent'];
const PROTOCOLS: Readonly<Record<string, number>> = {
  icmp: IpProtocol.Icmp,
  tcp: IpProtocol.Tcp,
  udp: IpProtocol.Udp,
};

export const iptables: Command = ({ world, host, process }, words) => {
  const options = new Arguments(words, FLAGS);
  const { netfilter } = world.machine(host);
  if (options.text('-t') === 'nat') nat(netfilter, options);
  else if (options.text('-t') === 'mangle') mangle(world.host(host), options);
  else filter(netfilter, options);
  process.exit();
};

function nat({ snat }: Netfilter, options: Arguments): void {
  if (options.has('-F')) {
    for (const rule of [...snat.rules.entries]) snat.rules.remove(rule);
    return;
  }
  const source = options.text('-s');
  const destination = options.text('-d');
  const out = options.text('-o');
  const protocol = PROTOCOLS[options.text('-p') ?? ''];
  const rule: SnatRuleSpec = {
    match: {
      ...(source === null ? {} : { source: network(source) }),
      ...(destination === null ? {} : { destination: network(destination) }),
      ...(out === null ? {} : { outInterface: out }),
      ...(protocol === undefined ? {} : { protocol }),
    },
    target: target(options),
  };
  snat.append(rule);
}

/** -A PREROUTING -s ADDRESS -j MARK --set-mark MARK */
function mangle({ hooks }: NetworkStack, options: Arguments): void {
  const source = address(options.text('-s') ?? '');
  const mark = Number(options.text('--set-mark'));
  hooks.register(HookPoint.Prerouting, HookPriority.Mangle, (packet) => {
    if (packet.source === source) packet.mark = mark;
    return Verdict.Accept;
  });
}

function target(options: Arguments): SnatTarget {
  const random = options.has('--random') || options.has('--random-fully');
  if (options.text('-j') === 'MASQUERADE') return { kind: 'masquerade', random };
  const [range = '', ports] = (options.text('--to-source') ?? '').split(':');
  const [low = '', high = low] = range.split('-');
  const [first = '', last = first] = (ports ?? '').split('-');
  return {
    kind: 'snat',
    addresses: [{ low: address(low), high: address(high) }],
    random,
    persistent: options.has('--persistent'),
    ...(ports === undefined ? {} : { ports: { low: Number(first), high: Number(last) } }),
  };
}

function filter({ filter: table }: Netfilter, options: Arguments): void {
  if (options.has('-F')) {
    for (const chain of [table.input, table.forward, table.output]) {
      for (const rule of [...chain.rules.entries]) chain.rules.remove(rule);
    }
    return;
  }
  const name = options.text('-A');
  const chain = name === 'INPUT' ? table.input : name === 'FORWARD' ? table.forward : table.output;
  const protocol = PROTOCOLS[options.text('-p') ?? ''];
  const port = options.text('--dport');
  const states = options.text('--ctstate')?.toLowerCase().split(',') as
    | ConnectionState[]
    | undefined;
  const inInterface = options.text('-i');
  const match: FilterMatch = {
    ...(states === undefined ? {} : { states }),
    ...(inInterface === null ? {} : { inInterface }),
    ...(protocol === undefined ? {} : { protocol }),
    ...(port === null ? {} : { destinationPorts: { low: Number(port), high: Number(port) } }),
  };
  const verdict = options.text('-j');
  if (verdict === 'DROP') chain.append({ match, action: 'drop' });
  else if (verdict === 'ACCEPT') chain.append({ match, action: 'accept' });
  else if (verdict === 'REJECT') {
    const rejectWith = (options.text('--reject-with') ?? 'icmp-port-unreachable') as RejectWith;
    chain.append({ match, action: 'reject', rejectWith });
  } else throw new Error(`iptables -j ${verdict} is not known`);
}

function network(text: string): Ipv4Cidr {
  const parsed = parseCidr(text.includes('/') ? text : `${text}/32`);
  if (parsed === null) throw new Error(`not a network: ${text}`);
  return parsed;
}
