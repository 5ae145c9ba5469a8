// Whether a source address may come in where it did (fib_validate_source in net/ipv4/fib_frontend.c):
// none of our own, and for rp_filter the way back must lead there (RFC 3704). For packets and ARP.

import type { Ipv4Address } from '../../wire/ipv4-address.ts';
import type { Interface } from '../device/interface.ts';
import type { Host } from '../host.ts';

/** `Martian`: no host may send from there (EINVAL); `ReversePath`: rp_filter forbids it (EXDEV). */
export const Credibility = { Credible: 0, Martian: 1, ReversePath: 2 } as const;
export type Credibility = (typeof Credibility)[keyof typeof Credibility];

const STRICT = 1;

/**
 * Judges the source of a packet. `destination` 0: a group. `egress` null: it is for this host. Rules
 * are asked for the way back, with the packet's mark if src_valid_mark says so.
 */
export function validateSource(
  host: Host,
  ingress: Interface,
  source: Ipv4Address,
  destination: Ipv4Address,
  mark: number,
  egress: Interface | null,
): Credibility {
  if (ingress === host.loopback) return Credibility.Credible;
  const { conf } = ingress;
  // What leaves by the way it came is looked at closely even without rp_filter.
  if (conf.rp_filter === 0 && (egress !== ingress || conf.send_redirects === 0)) {
    const { addresses, fib } = host;
    if (!fib.customized) {
      // Nearly every packet ends here, so nothing is read before it is needed. Linux looks for that
      // exact address only: no host has 127.1.2.3.
      if (!addresses.isLocal(source) || conf.accept_local > 0) return Credibility.Credible;
      return addresses.holders(source).length > 0 ? Credibility.Martian : Credibility.Credible;
    }
    if (conf.accept_local > 0) return Credibility.Credible;
  }
  return lookClosely(host, ingress, source, destination, mark, egress);
}

/** Asks for the way back. */
function lookClosely(
  { addresses, fib }: Host,
  ingress: Interface,
  source: Ipv4Address,
  destination: Ipv4Address,
  mark: number,
  egress: Interface | null,
): Credibility {
  const { conf } = ingress;
  const { rp_filter } = conf;
  const refused = rp_filter > 0 ? Credibility.ReversePath : Credibility.Credible;
  if (addresses.isLocal(source)) {
    if (conf.accept_local === 0) return Credibility.Martian;
    // One of our own has come this far; its route is the interface that holds it.
    const isThere = rp_filter !== STRICT || addresses.holders(source).includes(ingress);
    return isThere ? Credibility.Credible : refused;
  }
  if (addresses.isSubnetBroadcast(source)) return Credibility.Martian;
  const back = fib.lookup(source, destination, conf.src_valid_mark > 0 ? mark : 0, egress);
  if (back === null || back.type !== 'unicast') return refused;
  if (back.iface === ingress) return Credibility.Credible;
  return rp_filter === STRICT || ingress.addresses.length === 0 ? refused : Credibility.Credible;
}
