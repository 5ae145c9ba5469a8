// What each kind of event says to people. A kind without a sentence stays in the log and out of the
// timeline; a sentence may decide that this very event is not worth a line (null).

import { formatDuration } from '../../base/quantity.ts';
import type { LabEvent } from '../../sim/event-log.ts';
import { formatSeconds, type Nanos } from '../../sim/time.ts';

export type Sentence = (event: LabEvent, watch: Watchlist) => string | null;

/** Addresses whose neighbor entries are news: egress IPs and whatever several machines hold. */
export interface Watchlist {
  has(address: string): boolean;
}

/** '02:00:c0:a8:32:91' → '02:..:91', unique enough beside its neighbors. */
function shortMac(mac: string): string {
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

/** ': <field>', or nothing where there is nothing to tell. */
function clause(event: LabEvent, field: string): string {
  const told = text(event, field);
  return told === '' ? '' : `: ${told}`;
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

function namespaceEgress(event: LabEvent): string {
  const namespace = text(event, 'namespace') || `VNID ${text(event, 'vnid')}`;
  switch (event.fields.outcome) {
    case 'via':
      return `${namespace} leaves as ${list(event, 'ips')} by ${list(event, 'nodes')}`;
    case 'dropped':
      return `${namespace} is dropped: none of its egress IPs is usable`;
    default:
      return `${namespace} leaves with the node address`;
  }
}

/** Errors make the timeline. Warnings say what an event says already; the rest is for `oc logs`. */
function severeLine(line: string): string | null {
  return /^E\d{4} /.test(line) ? line : null;
}

function arpSent(event: LabEvent): string {
  const sender = `${text(event, 'senderIp')} at ${shortMac(text(event, 'senderMac'))}`;
  const target = text(event, 'targetIp');
  const operation = text(event, 'operation');
  const said =
    operation === 'request'
      ? `who has ${target}, tell ${sender}`
      : operation === 'reply'
        ? `${sender.replace(' at ', ' is at ')}`
        : `operation ${operation}, ${sender}, target ${target}`;
  const comment = event.fields.comment === null ? '' : ` (${text(event, 'comment')})`;
  return `sends ARP: ${said}${comment}`;
}

/** What was announced has been told when it was sent. */
function arpingDone(event: LabEvent): string | null {
  const address = text(event, 'address');
  if (text(event, 'mode').startsWith('announce')) return null;
  const answers = list(event, 'answeredBy');
  return `arping ${address}: ${answers === '' ? 'no answer' : `answered by ${answers}`} (exit ${text(event, 'exitCode')})`;
}

function whyOf(event: LabEvent): string {
  return event.fields.why === null ? '' : ` (${text(event, 'why')})`;
}

function sinceOf(event: LabEvent): Nanos {
  return typeof event.fields.since === 'number' ? event.fields.since : event.at;
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
  // the kernel's side
  attached: (event) => `${text(event, 'device')} is attached${clause(event, 'details')}`,
  'attachment-up': (event) => `${text(event, 'device')} is up`,
  'attachment-down': (event) => `${text(event, 'device')} is down`,
  'attachment-renamed': (event) => `${text(event, 'device')} is now called ${text(event, 'name')}`,
  'attachment-gone': (event) => `${text(event, 'device')} is gone: ${text(event, 'why')}`,
  'realtime-lag': (event) => `the lab is ${seconds(event, 'lag')} behind real time`,
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
  'arp-sent': arpSent,
  'sysctl-changed': (event) =>
    `sets ${text(event, 'name')}=${text(event, 'value')}${event.fields.interface === null ? '' : ` on ${text(event, 'interface')}`}`,
  'neighbor-changed': neighborChanged,
  'path-mtu-learned': (event) =>
    `path MTU to ${text(event, 'destination')} is ${text(event, 'mtu')}`,
  'redirect-accepted': (event) =>
    `is redirected: ${text(event, 'destination')} by ${text(event, 'gateway')}`,
  'snat-port-changed': (event) =>
    `${text(event, 'original')} leaves as ${text(event, 'mapped')}: the port was taken`,
  // the control plane
  'oc-command': (event) => text(event, 'command').replace(/^oc /, ''),
  'api-write': (event) =>
    `${text(event, 'verb')} ${text(event, 'object')} ${text(event, 'body')}`.trimEnd(),
  // One error a line: several objects may be missing.
  'oc-failed': (event) => text(event, 'message').trim().replaceAll('\n', '; '),
  'egress-ip-assigned': (event) => `gives ${text(event, 'ip')} to ${text(event, 'node')}`,
  'egress-ip-unassigned': (event) => `takes ${text(event, 'ip')} from ${text(event, 'node')}`,
  'egress-ip-claimed': (event) => `claims ${text(event, 'ip')} on ${text(event, 'interface')}`,
  'egress-ip-claim-failed': (event) =>
    `can not claim ${text(event, 'ip')}: ${text(event, 'error')}`,
  'egress-ip-announced': (event) =>
    `announces ${text(event, 'ip')}, ${text(event, 'number')} (${text(event, 'form')})`,
  'egress-ip-released': (event) => `releases ${text(event, 'ip')} on ${text(event, 'interface')}`,
  'stale-egress-ip-removed': (event) =>
    `removes the stale ${text(event, 'ip')} from ${text(event, 'interface')}`,
  'node-offline': (event) => `${text(event, 'node')} ${text(event, 'ip')} is offline`,
  'node-online': (event) => `${text(event, 'node')} ${text(event, 'ip')} is back online`,
  'peer-offline': (event) => `finds ${text(event, 'node')} offline`,
  'peer-online': (event) => `finds ${text(event, 'node')} back online`,
  'node-not-ready': (event) => `${text(event, 'node')} is NotReady`,
  'node-ready': (event) => `${text(event, 'node')} is Ready`,
  'namespace-egress': namespaceEgress,
  'log-line': (event) => severeLine(text(event, 'line')),
  'agent-stopped': () => 'its sdn pod is stopped, the datapath goes on',
  'agent-started': () => 'its sdn pod is started',
  // people
  'arping-done': arpingDone,
  'ping-done': (event) =>
    `ping ${text(event, 'to')}: ${text(event, 'answered')} of ${text(event, 'sent')} answered`,
  // flows
  'flow-unanswered': (event) => `is not answered${whyOf(event)}`,
  'flow-interrupted': (event) =>
    `is not answered any more since ${formatSeconds(sinceOf(event))}${whyOf(event)}`,
  'flow-answered': (event) =>
    event.fields.outage === null
      ? 'is answered'
      : `answered again after ${seconds(event, 'outage')}`,
};
