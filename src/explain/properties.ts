// What can be required of captures, for a pipeline: a property holds, or it says what breaks it.

import type { Explanation } from './model.ts';

/** Each property and the sentences that break it. */
type Check = (found: Explanation) => string[];

const PROPERTIES: Readonly<Record<CaptureProperty, Check>> = {
  'never-two-answer': (found) =>
    found.conflicts.map(({ address, macs }) => `${macs.join(' and ')} both have ${address}`),
  'no-outages': (found) =>
    found.flows
      .filter(({ outages }) => outages.length > 0)
      .map(({ client, outages, server }) => `${client} to ${server}: ${outages.length} outages`),
  'no-unanswered-arp': (found) =>
    found.unanswered.map(({ address, asker }) => `${asker} asked for ${address} in vain`),
  'every-move-announced': (found) =>
    found.moves
      .filter(({ announced }) => !announced)
      .map(({ address, from, to }) => `${address} went from ${from} to ${to} in silence`),
  'no-false-announcements': (found) =>
    found.contested
      .filter(({ kind }) => kind === 'announced only' || kind === 'forged')
      .map(({ address, macs }) => `${macs.at(-1)} announces ${address} and does not have it`),
  'no-spoofing': (found) =>
    found.spoofing.map(({ addresses, by }) => `${by} answers for ${addresses.join(', ')}`),
  'no-scans': (found) =>
    found.scans.map(({ addresses, by }) => `${by} asked for ${addresses} addresses`),
  'no-storms': (found) =>
    found.storms.map(({ by, copies }) => `a frame of ${by} came ${copies} times`),
};

/** The name of a property. */
export type CaptureProperty =
  | 'never-two-answer'
  | 'no-outages'
  | 'no-unanswered-arp'
  | 'every-move-announced'
  | 'no-false-announcements'
  | 'no-spoofing'
  | 'no-scans'
  | 'no-storms';

/** All of them, in the order of the documentation. */
export const CAPTURE_PROPERTIES: readonly CaptureProperty[] = Object.keys(
  PROPERTIES,
) as CaptureProperty[];

/** Whether a text is the name of a property. */
export function isCaptureProperty(text: string): text is CaptureProperty {
  return Object.hasOwn(PROPERTIES, text);
}

/** What breaks the property; empty when it holds. */
export function brokenBy(name: CaptureProperty, found: Explanation): string[] {
  return PROPERTIES[name](found);
}
