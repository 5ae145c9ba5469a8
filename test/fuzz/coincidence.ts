// What a host has drawn at random can be, by chance, a number that the case has put in: then the two
// sides are told apart where there is nothing to tell. Such a run says nothing; it is made again.

import { fromHex, type Observation, type Step } from './case.ts';
import { type Layout, layout } from './layout.ts';
import { addresses, viewOf } from './words.ts';

const ICMP = 1;
/** The two directions of a connection in a line of conntrack. */
const TUPLES = /sport=(\d+) dport=(\d+).*sport=(\d+) dport=(\d+)/;

interface Sent {
  readonly protocol: number;
  readonly ends: readonly [string, string];
}

/** For people: which number was drawn that was put in as well; null if none was. */
export function coincidence(steps: readonly Step[], seen: Observation): string | null {
  const ports = new Set<number>();
  const sent = new Map<number, Sent[]>();
  steps.forEach((step, i) => {
    const octets = seen.injected[i] ?? fromHex('');
    const at = layout(octets);
    if (at === null) return;
    const id = viewOf(octets).getUint16(at.l3 + 4);
    const known = sent.get(id) ?? [];
    sent.set(id, [...known, sentOf(octets, at)]);
    if (step.reacts !== undefined || at.protocol === ICMP || at.l4 + 4 > octets.length) return;
    for (const offset of [0, 2]) ports.add(viewOf(octets).getUint16(at.l4 + offset));
  });
  return drawnPort(ports, seen.connections) ?? drawnIdentification(sent, seen);
}

function sentOf(octets: Uint8Array, at: Layout): Sent {
  return { protocol: at.protocol, ends: addresses(viewOf(octets), at.l3) };
}

/** A connection that leaves with another port than its own, which somebody else has as well. */
function drawnPort(ports: ReadonlySet<number>, connections: readonly string[]): string | null {
  for (const line of connections) {
    const [, own, , , mapped] = TUPLES.exec(line) ?? [];
    if (mapped !== own && ports.has(Number(mapped))) return `the port ${mapped} was drawn and sent`;
  }
  return null;
}

/** A packet of the host itself with the identification of one that it was sent. */
function drawnIdentification(
  sent: ReadonlyMap<number, readonly Sent[]>,
  seen: Observation,
): string | null {
  for (const { octets } of seen.emitted.flat()) {
    const at = layout(octets);
    if (at === null) continue;
    const id = viewOf(octets).getUint16(at.l3 + 4);
    // Without DF the host draws one, and may draw the zero that stands for none.
    const isDrawn = id !== 0 || (viewOf(octets).getUint8(at.l3 + 6) & 0x40) === 0;
    const others = sent.get(id) ?? (id === 0 ? [] : undefined);
    if (others === undefined || !isDrawn) continue;
    const { protocol, ends } = sentOf(octets, at);
    // What is forwarded keeps its protocol and one end at least.
    const isForwarded = others.some(
      (each) =>
        each.protocol === protocol && (each.ends[0] === ends[0] || each.ends[1] === ends[1]),
    );
    if (!isForwarded) return `the identification ${id} was drawn and sent`;
  }
  return null;
}
