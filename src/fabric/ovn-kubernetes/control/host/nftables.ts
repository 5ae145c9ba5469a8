// The nftables chains and maps of a node (node/controllers/egressip/nftables.go): what `nft list table inet
// ovn-kubernetes` shows of egress IPs.

import { familyOf, type IpFamily } from '../../northbound.ts';

const SECONDARY_MARK = 1009;
/** `--loglevel` from which rules count. */
const DEBUG_LEVEL = 5;

/** One chain. */
export interface NftChain {
  readonly hook: string;
  readonly priority: number | string;
  readonly rules: readonly string[];
}

/** The part of a table that is about egress IPs. */
export interface NftTable {
  readonly chains: Readonly<Record<string, NftChain>>;
  readonly maps: readonly string[];
}

/** What the chains depend on. */
export interface NftOptions {
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  readonly clusterSubnets: readonly string[];
  readonly logLevel?: number;
}

/** The base chains, or what is wrong with the configuration. */
export function baseTable(options: NftOptions): NftTable | string {
  const { clusterSubnets, ipv4, ipv6, logLevel = 0 } = options;
  const families: readonly (readonly [IpFamily, string, string])[] = [
    ...(ipv4 ? ([['ip4', 'ip', 'v4']] as const) : []),
    ...(ipv6 ? ([['ip6', 'ip6', 'v6']] as const) : []),
  ];
  const translations: string[] = [];
  const guards: string[] = [];
  const maps: string[] = [];
  for (const [family, keyword, version] of families) {
    const subnets = clusterSubnets.filter((text) => familyOf(text) === family);
    if (subnets.length === 0) return `IP${version} enabled but no cluster pod CIDRs configured`;
    const map = `egress-ip-snat-${version}`;
    maps.push(map);
    translations.push(`snat to map(${keyword} saddr . oifname) ${map}`);
    const counter = logLevel >= DEBUG_LEVEL ? 'counter ' : '';
    for (const subnet of subnets) {
      guards.push(`${keyword} saddr ${subnet} mark ${SECONDARY_MARK} ${counter}drop`);
    }
  }
  return {
    chains: {
      'egress-ip-snat': { hook: 'nat postrouting', priority: 100, rules: translations },
      'egress-ip-sec-filter': {
        hook: 'filter postrouting',
        priority: 'srcnat+1',
        rules: guards,
      },
    },
    maps,
  };
}
