// Each announcement once, no matter who made it, and what became of it with those who heard it. One that is in
// the log and was not heard was lost; one that was not logged is known from its hearers.

import type { LabEvent } from '../../lab/events.ts';
import { millis, type Nanos } from '../../sim/time.ts';
import type { ArpSighting } from './facts.ts';
import type { Machines } from './machines.ts';
import type { Announcement, Refusal, Reserve } from './model.ts';

interface Draft {
  readonly at: Nanos;
  readonly machine: string | null;
  readonly mac: string | null;
  readonly form: 'reply' | 'request';
  readonly heardBy: string[];
  readonly ignoredBy: Refusal[];
}

/** It was not believed, and no rule is known to have said so: a machine that is not Linux. */
const BY_ITS_RULES: Reserve = { why: 'policy', left: null, rule: null };

/** A frame is on its way no longer than this, or it is another one. */
const FLIGHT: Nanos = millis(900);

/** Events and ARP about one address, oldest first. `believes` tells what a machine believed just after. */
export function announcementsOf(
  events: readonly LabEvent[],
  heard: readonly ArpSighting[],
  machines: Machines,
  believes: (listener: string, at: Nanos) => string | null,
): Announcement[] {
  const drafts: Draft[] = [];
  for (const event of events) {
    if (event.kind !== 'egress-ip-announced' && event.kind !== 'announced') continue;
    const { at, source, fields } = event;
    const { form } = fields;
    const mac = machines.mac(source, fields.interface);
    drafts.push({ at, machine: source, mac, form, heardBy: [], ignoredBy: [] });
  }
  for (const each of heard) {
    if (!each.announces) continue;
    const { at, form, known, listener, mac, reserve } = each;
    let draft = drafts.findLast(
      (one) => one.form === form && one.mac === mac && one.at <= at && at - one.at < FLIGHT,
    );
    if (draft === undefined) {
      draft = { at, machine: machines.owner(mac), mac, form, heardBy: [], ignoredBy: [] };
      drafts.push(draft);
    }
    if (known === null || draft.heardBy.includes(listener)) continue;
    draft.heardBy.push(listener);
    if (known === mac || believes(listener, at) === mac) continue;
    draft.ignoredBy.push({ machine: listener, ...(reserve ?? BY_ITS_RULES) });
  }
  return drafts.sort((a, b) => a.at - b.at);
}
