import { expect, test } from 'vitest';
import { Announcer } from '../../../src/fabric/ovn-kubernetes/datapath/announcer.ts';
import { resolveProfile } from '../../../src/fabric/ovn-kubernetes/profile.ts';
import { Scheduler } from '../../../src/sim/scheduler.ts';
import { seconds } from '../../../src/sim/time.ts';
import { type Ipv4Address, parseIpv4 } from '../../../src/wire/ipv4-address.ts';
import { vectors } from './vector-file.ts';

interface Given {
  readonly chassis?: string;
  readonly garpMaxTimeoutSec?: number;
}

interface Step {
  readonly do: string;
  readonly externalIP?: string;
  readonly pod?: string;
  readonly at: number;
}

interface Expect {
  readonly framesAt?: readonly number[];
  readonly framesAtUntil?: number;
}

const cases = vectors<Given, Step, Expect>('nodeVectors')
  .filter(({ given }) => given.chassis !== undefined)
  .map((vector) => [vector.name, vector] as const);

test.each(cases)('a router announces its rows as the original does: %s', (_name, vector) => {
  const { given, steps } = vector;
  const scheduler = new Scheduler();
  const sent: number[] = [];
  const announcer = new Announcer({
    scheduler,
    times: resolveProfile('head').announcements,
    knowsMaxTimeout: true,
    announce: () => sent.push(Math.round(scheduler.now / 1e9)),
  });
  announcer.setMaxTimeout(given.garpMaxTimeoutSec ?? 0);
  const rows = new Map<string, Ipv4Address>();
  for (const [index, step] of steps.entries()) {
    scheduler.advanceTo(seconds(step.at));
    const from = sent.length;
    const address = parseIpv4(step.externalIP ?? '');
    if (step.do === 'natRowGone') rows.delete(step.pod ?? '');
    else if (address !== null) rows.set(step.pod ?? '', address);
    if (step.do === 'controllerRestart') {
      announcer.stop();
      announcer.start();
    } else announcer.hold(rows.values());
    const end = step.expect?.framesAtUntil ?? (steps[index + 1]?.at ?? step.at + 60) - 1;
    scheduler.advanceTo(seconds(end));
    expect(sent.slice(from)).toEqual(step.expect?.framesAt);
  }
});
