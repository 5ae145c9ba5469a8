// Random sequences of frames, from a seed: mostly sensible, so that they get deep into the host, with
// one thing wrong here and there. A sequence is either a handful of packets that know nothing of the
// host's answers, or conversations through it that react to them. What there is to send stands in
// generators/, one kind of packet or conversation per file.

import type { Random } from '../../src/sim/random.ts';
import type { Deed, FuzzCase, HostConfig, Step } from './case.ts';
import { configuration, forConversations, plausible } from './configuration.ts';
import { anyArp, introduceAll } from './generators/arp.ts';
import { converse } from './generators/conversation.ts';
import { anyEcho, anyError, anyQuery } from './generators/icmp.ts';
import { Script } from './generators/script.ts';
import { TcpFlows } from './generators/tcp-flows.ts';
import { anyDatagram, anyFragments, anyProtocol } from './generators/udp.ts';

/** A wait is longer than one second (locktime, first retransmissions) or two (UDP streams). */
const WAITS = [1_300, 2_300];

/** The case that `origin` names. */
export function generate(random: Random, origin: string): FuzzCase {
  const talks = random.chance(0.6);
  const config = configuration(random.fork('configuration'));
  const steps = random.fork('steps');
  if (!talks) {
    const host = plausible(config);
    return { origin, config: host, steps: packets(new Script(steps, host)) };
  }
  const isSlow = steps.chance(0.25);
  const host = forConversations(config, random.fork('conversations'), isSlow);
  return { origin, config: host, steps: conversations(new Script(steps, host), isSlow) };
}

function packets(script: Script): readonly Step[] {
  const { random } = script;
  const isSlow = random.chance(0.12);
  if (random.chance(0.85)) introduceAll(script, 0.1);
  const flows = new TcpFlows(script);
  const kinds = [
    anyArp,
    anyEcho,
    anyQuery,
    anyError,
    anyDatagram,
    () => flows.next(),
    () => flows.next(),
    () => (random.chance(0.5) ? anyFragments(script) : anyProtocol(script)),
  ];
  const count = random.integer(1, 14);
  const focus = random.pick(kinds);
  for (let i = 0; i < count; i++) (random.chance(0.5) ? focus : random.pick(kinds))(script);
  return withDeeds(script, isSlow ? withWaits(script, 0.2) : script.steps);
}

function conversations(script: Script, isSlow: boolean): readonly Step[] {
  const settled = script.random.chance(0.75);
  introduceAll(script, settled ? 0 : 0.6);
  converse(script, settled);
  return withDeeds(script, isSlow ? withWaits(script, 0.15) : script.steps);
}

/** An administrator in between: interfaces, addresses and routes go and come. */
function withDeeds({ random, config }: Script, steps: readonly Step[]): readonly Step[] {
  if (!random.chance(0.2)) return steps;
  const all = [...steps];
  const count = random.integer(1, 3);
  for (let i = 0; i < count; i++) {
    const at = random.integer(0, all.length);
    const deed = anyDeed(random, config);
    const undone = random.chance(0.5) ? [reverse(deed)] : [];
    const does = [deed, ...undone].map(
      (each): Step => ({ on: 'eth0', frame: '', does: each, wait: 0 }),
    );
    const [first, ...later] = does;
    if (first !== undefined) all.splice(at, 0, first);
    for (const step of later) all.splice(random.integer(at + 1, all.length), 0, step);
  }
  return all;
}

function anyDeed(random: Random, { interfaces, routes }: HostConfig): Deed {
  const { name, addresses } = random.pick(interfaces);
  const kind = random.unit();
  if (kind < 0.4) return { link: name, up: false };
  const address = random.pick(addresses);
  if (kind < 0.75) return { address, dev: name, add: false };
  const main = routes.filter(({ table }) => table === undefined);
  return main.length === 0
    ? { address, dev: name, add: false }
    : { route: random.pick(main), add: false };
}

function reverse(deed: Deed): Deed {
  return 'link' in deed ? { ...deed, up: !deed.up } : { ...deed, add: !deed.add };
}

function withWaits({ random, steps }: Script, probability: number): readonly Step[] {
  return steps.map((step) =>
    random.chance(probability) ? { ...step, wait: random.pick(WAITS) } : step,
  );
}
