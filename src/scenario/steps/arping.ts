// `arping`: iputils' arping on an interface; its statistics are kept for expectations.

import { present } from '../../base/assert.ts';
import { Arping, type ArpingForm } from '../../stack/arp/arping.ts';
import type { ArpingMode, ArpingStep } from '../../topology/steps/arping.ts';
import { formatIpv4 } from '../../wire/ipv4-address.ts';
import { formatMac } from '../../wire/mac-address.ts';
import type { ArpingProgress, ScenarioState } from '../state.ts';

const FORMS: Readonly<Record<ArpingMode, ArpingForm>> = {
  ask: 'ping',
  'announce-request': 'request',
  'announce-reply': 'reply',
  'duplicate-detection': 'probe',
};

/** `arping`: begins to ask or to announce; the end is an event. */
export function arping({ lab, arpings }: ScenarioState, step: ArpingStep): void {
  const { stack } = lab.machine(step.on.machine);
  const iface = present(stack.interface(step.on.interface), 'the topology was validated');
  const kept: ArpingProgress = { statistics: null };
  arpings.set(step.name, kept);
  const { address, count, interval } = step;
  if (step.mode === 'announce-request' || step.mode === 'announce-reply') {
    lab.events.emit(stack.name, 'announced', {
      address: formatIpv4(address),
      interface: iface.name,
      form: step.mode === 'announce-reply' ? 'reply' : 'request',
    });
  }
  const note = `arping ${formatIpv4(address)} by ${stack.name}`;
  new Arping(
    stack,
    { iface, address, form: FORMS[step.mode], count, interval, note },
    (statistics) => {
      kept.statistics = statistics;
      lab.events.emit(stack.name, 'arping-done', {
        name: step.name,
        address: formatIpv4(address),
        mode: step.mode,
        exitCode: statistics.exitCode,
        answeredBy: statistics.answeredBy.map(formatMac),
      });
    },
  );
}
