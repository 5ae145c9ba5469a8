// What Wireshark is told: the sentences of the extcap interface (Wireshark's manual page extcap(4)). A
// sentence is a word and fields in braces, so braces in a value would end it.

import { VERSION } from '../../base/version.ts';
import type { CapturePort } from '../../platform/control/capture-answer.ts';

/** More ports of one lab would bury the others; all of them can still be named in the options. */
const PORT_LIMIT = 100;

/** One line of Wireshark's list. */
export interface ExtcapInterface {
  /** What `tshark -i` takes: letters, digits, '.', '_' and '-' only. */
  readonly value: string;
  readonly display: string;
  /** What it captures; empty: what the topology captures. */
  readonly ports: readonly string[];
}

/** What a lab offers: itself first, then its ports. Two that come to the same value: only the first. */
export function interfacesOf(lab: string, ports: readonly CapturePort[]): ExtcapInterface[] {
  const whole = {
    value: `egresslab-${lab}`,
    display: `egresslab ${lab}: what its topology captures`,
    ports: [],
  };
  // Nothing of interest crosses a loopback, and every machine has one.
  const shown = ports.filter(({ name }) => !name.endsWith('/lo')).slice(0, PORT_LIMIT);
  const each = shown.map(({ description, name }) => ({
    value: `${whole.value}-${name.replaceAll('/', '.').replaceAll(/[^A-Za-z0-9._-]/g, '_')}`,
    display: `egresslab ${lab}: ${name}${description === '' ? '' : ` (${description})`}`,
    ports: [name],
  }));
  const byValue = new Map<string, ExtcapInterface>();
  for (const one of [whole, ...each]) if (!byValue.has(one.value)) byValue.set(one.value, one);
  return [...byValue.values()];
}

/** The answer to --extcap-interfaces. */
export function interfaceSentences(interfaces: readonly ExtcapInterface[]): string[] {
  return [
    sentence('extcap', { version: VERSION, display: 'egresslab labs' }),
    ...interfaces.map(({ display, value }) => sentence('interface', { value, display })),
  ];
}

/** The answer to --extcap-dlts: what every port of a lab speaks. */
export const LINK_TYPES: readonly string[] = [
  sentence('dlt', { number: '1', name: 'EN10MB', display: 'Ethernet' }),
];

/** The answer to --extcap-config, the same for all interfaces. */
export const CONFIGURATION: readonly string[] = [
  sentence('arg', {
    number: '0',
    call: '--ports',
    display: 'Ports',
    type: 'string',
    tooltip: 'Instead of this interface: names such as db/eth0 worker01 */eth0 drops',
  }),
  sentence('arg', {
    number: '1',
    call: '--no-comments',
    display: 'Leave out the comments that say why frames exist',
    type: 'boolflag',
  }),
];

function sentence(word: string, fields: Readonly<Record<string, string>>): string {
  const all = Object.entries(fields).map(
    ([name, value]) => `{${name}=${value.replaceAll(/[{}\n]/g, ' ')}}`,
  );
  return `${word} ${all.join('')}`;
}
