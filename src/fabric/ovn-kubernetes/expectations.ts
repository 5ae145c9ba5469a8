// `egressip: prod`: what the status of an EgressIP says. Lists are compared as sets; what is left out is
// not checked.

import { z } from 'zod';
import { defineFabricExpectation, type FabricExpectation } from '../expectation.ts';
import { canonicalIp } from './ip-text.ts';
import { EgressIps } from './kinds/egress-ip.ts';

const egressIp = defineFabricExpectation({
  keyword: 'egressip',
  schema: z
    .strictObject({
      egressip: z.string({ error: 'expected the name of an EgressIP' }),
      assigned: z
        .record(z.string(), z.string())
        .exactOptional()
        .describe('Which IP is on which node: { 192.168.50.120: worker02 }'),
      nodes: z.array(z.string()).exactOptional().describe('The nodes that have one of its IPs'),
    })
    .meta({ id: 'egressipExpectation', description: 'What the status of an EgressIP says' }),
  normalize: (reporter, { egressip: name, assigned, nodes }, path) => {
    for (const [ip, node] of Object.entries(assigned ?? {})) {
      const at = [...path, 'assigned', ip];
      if (canonicalIp(ip) === null) {
        reporter.report(at, `"${ip}" is not an IP address`, 'write an address', 'key');
      }
      reporter.known(node, at, 'node');
    }
    for (const [index, node] of (nodes ?? []).entries()) {
      reporter.known(node, [...path, 'nodes', index], 'node');
    }
    if (assigned === undefined && nodes === undefined) {
      const remedy = 'add "assigned" or "nodes"';
      reporter.reportMissing(path, 'this expectation checks nothing', remedy, 'value');
    }
    return { name, assigned: assigned ?? null, nodes: nodes ?? null };
  },
  check: (store, { assigned, name, nodes }) => {
    const object = store.get(EgressIps, name);
    if (object === null) return [`there is no EgressIP ${name}`];
    const items = object.status?.items ?? [];
    const shown = items.map(({ egressIP, node }) => `${egressIP} on ${node}`).sort();
    const said = `egressip ${name} has ${shown.length === 0 ? 'no node' : shown.join(', ')}`;
    const wantedItems =
      assigned === null
        ? null
        : Object.entries(assigned).map(([ip, node]) => `${canonicalIp(ip)} on ${node}`);
    const isOff = (wanted: readonly string[] | null, seen: readonly string[]): boolean =>
      wanted !== null && [...wanted].sort().join() !== [...seen].sort().join();
    const isWrong =
      isOff(wantedItems, shown) ||
      isOff(
        nodes,
        items.map(({ node }) => node),
      );
    return isWrong ? [said] : [];
  },
});

/** In the order in which the JSON Schema lists them. */
export const expectations: readonly FabricExpectation[] = [egressIp];
