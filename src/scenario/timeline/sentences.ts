// What each kind of event says to people. A kind without a sentence stays in the log and out of the
// timeline; a sentence may decide that this very event is not worth a line (null).

import { formatDuration } from '../../base/quantity.ts';
import type { LabEvent } from '../../sim/event-log.ts';

export type Sentence = (event: LabEvent, watch: Watchlist) => string | null;

/** Addresses whose neighbour entries are news: egress IPs and whatever several machines hold. */
export interface Watchlist {
  has(address: string): boolean;
}

/** '02:00:c0:a8:32:91' → '02:..:91', unique enough beside its neighbours. */
export function shortMac(mac: string): string {
  const parts = mac.split(':');
  return `${parts[0]}:..:${parts.at(-1)}`;
}

function text(event: LabEvent, field: string): string {
  const value = event.fields[field];
  return value === null || value === undefined ? '' : String(value);
}

function list(event: LabEvent, field: string): string {
  const value = event.fields[field];
  return Array.isArray(value) ? value.join(', ') : text(event, field);
}

function seconds(event: LabEvent, field: string): string {
  const value = event.fields[field];
  return typeof value === 'number' ? formatDuration(Math.round(value / 1e6) * 1e6) : '?';
}

function neighborChanged(event: LabEvent, watch: Watchlist): string | null {
  const { mac, previousMac, state, cause } = event.fields;
  const address = text(event, 'address');
  if (typeof mac === 'string' && typeof previousMac === 'string' && mac !== previousMac) {
    return `${address} moves ${shortMac(previousMac)} -> ${shortMac(mac)} (${cause}, ${state})`;
  }
  if (!watch.has(address)) return null;
  if (state === 'FAILED') return `gives ${address} up: nobody answers (FAILED)`;
  if (typeof mac === 'string' && previousMac === null) {
    return `${address} is at ${shortMac(mac)} (${cause}, ${state})`;
  }
  return null;
}

export const sentences: Readonly<Record<string, Sentence>> = {
  // wires
  'fdb-moved': (event) => `${shortMac(text(event, 'mac'))} moves to ${text(event, 'port')}`,
  'carrier-changed': (event) =>
    `${text(event, 'interface')} ${event.fields.carrier === true ? 'has a carrier' : 'has no carrier'}`,
  'link-down': (event) =>
    event.fields.direction === 'both'
      ? 'cable down'
      : `loses what goes ${text(event, 'direction')}`,
  'link-up': () => 'cable up',
  impaired: () => 'cable impaired',
  repaired: () => 'cable as the topology says',
  partitioned: (event) => `partitioned: ${list(event, 'groups').replaceAll(', ', ' | ')}`,
  healed: () => 'healed',
  // machines
  'powered-off': () => 'power off',
  'powered-on': () => 'power on',
  unplugged: () => 'every cable unplugged',
  'plugged-in': () => null,
  'interface-changed': (event) => `${text(event, 'interface')} is ${text(event, 'state')}`,
  'address-added': (event, watch) =>
    watch.has(text(event, 'address').split('/')[0] ?? '')
      ? `has ${text(event, 'address')} on ${text(event, 'interface')}`
      : null,
  'address-removed': (event) => `gives up ${text(event, 'address')} on ${text(event, 'interface')}`,
  announced: (event) =>
    `announces ${text(event, 'address')} on ${text(event, 'interface')} (${text(event, 'form')})`,
  'neighbor-changed': neighborChanged,
  'path-mtu-learned': (event) =>
    `path MTU to ${text(event, 'destination')} is ${text(event, 'mtu')}`,
  'redirect-accepted': (event) =>
    `is redirected: ${text(event, 'destination')} by ${text(event, 'gateway')}`,
  'snat-port-changed': (event) =>
    `${text(event, 'original')} leaves as ${text(event, 'mapped')}: the port was taken`,
  // people
  'arping-done': (event) =>
    `arping ${text(event, 'address')}: ${list(event, 'answeredBy') || 'no answer'} (exit ${text(event, 'exitCode')})`,
  'ping-done': (event) =>
    `ping ${text(event, 'to')}: ${text(event, 'answered')} of ${text(event, 'sent')} answered`,
  // flows
  'flow-unanswered': (event) =>
    `is not answered${event.fields.why === null ? '' : ` (${text(event, 'why')})`}`,
  'flow-interrupted': (event) =>
    `stops being answered${event.fields.why === null ? '' : ` (${text(event, 'why')})`}`,
  'flow-answered': (event) =>
    event.fields.outage === null
      ? 'is answered'
      : `answered again after ${seconds(event, 'outage')}`,
};
