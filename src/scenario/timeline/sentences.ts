// What each kind of event says to people. Cluster networks bring the sentences of their own kinds.

import { formatByteSize, formatDuration } from '../../base/quantity.ts';
import { fabricSentences } from '../../fabric/sentences.ts';
import type { LabEvent, LabEvents } from '../../lab/events.ts';
import type { EventOf } from '../../sim/event-log.ts';
import type { Scene, Sentences } from '../../sim/sentence.ts';
import { formatSeconds, millis, type Nanos } from '../../sim/time.ts';
import { withoutPrefix } from '../../wire/ipv4-address.ts';

/** A line of the timeline for each kind. */
export const sentences: Sentences<LabEvents> = {
  ...fabricSentences,
  // wires
  'fdb-moved': ({ fields: { mac, port } }, scene) => `${named(mac, scene)} moves to ${port}`,
  'carrier-changed': ({ fields }) =>
    `${fields.interface} ${fields.carrier ? 'has a carrier' : 'has no carrier'}`,
  'link-down': ({ fields: { direction } }) =>
    direction === 'both'
      ? 'cable down'
      : `drops ${direction === 'out' ? 'outgoing' : 'incoming'} frames`,
  'link-up': () => 'cable up',
  impaired: () => 'cable impaired',
  repaired: () => 'cable restored',
  partitioned: ({ fields: { groups } }) => `partitioned: ${groups.join(' | ')}`,
  healed: () => 'healed',
  // the kernel's side
  attached: ({ fields: { details, device } }) => `${device} is attached${clause(details)}`,
  'attachment-up': ({ fields: { device } }) => `${device} is up`,
  'attachment-down': ({ fields: { device } }) => `${device} is down`,
  'attachment-renamed': ({ fields: { device, name } }) => `${device} is now called ${name}`,
  'attachment-gone': ({ fields: { device, why } }) => `${device} is gone: ${why}`,
  'realtime-lag': ({ fields: { lag } }) => `the lab is ${rounded(lag)} behind real time`,
  // machines
  'powered-off': () => 'power off',
  'powered-on': () => 'power on',
  unplugged: () => 'every cable unplugged',
  'plugged-in': null,
  'interface-changed': ({ fields }) => `${fields.interface} is ${fields.state}`,
  'address-added': ({ fields }, scene) =>
    scene.isNews(withoutPrefix(fields.address))
      ? `has ${fields.address} on ${fields.interface}`
      : null,
  // At the very start an address only moves from a NIC to a bridge.
  'address-removed': ({ at, fields }, scene) =>
    at > 0 || scene.isNews(withoutPrefix(fields.address))
      ? `gives up ${fields.address} on ${fields.interface}`
      : null,
  'claim-added': ({ fields: { address, holder, interface: iface }, source }) =>
    `${of(holder, source)}answers for ${address} on ${iface}`,
  'claim-removed': ({ fields: { address, holder, interface: iface }, source }) =>
    `${of(holder, source)}answers no longer for ${address} on ${iface}`,
  announced: ({ fields }) => `announces ${fields.address} on ${fields.interface} (${fields.form})`,
  'arp-sent': arpSent,
  'sysctl-changed': ({ fields }) =>
    `sets ${fields.name}=${fields.value}${fields.interface === null ? '' : ` on ${fields.interface}`}`,
  'frame-sent': ({ fields: { comment, frame } }) => `sends ${frame}${because(comment)}`,
  'route-added': ({ fields: { route } }) => `adds the route ${route}`,
  'route-removed': ({ fields: { route } }) => `removes the route ${route}`,
  'mac-set': ({ fields }) => `gives ${fields.interface} the MAC address ${fields.mac}`,
  'mtu-set': ({ fields }) => `gives ${fields.interface} the MTU ${fields.mtu}`,
  'firewall-changed': ({ fields: { change, rule } }) =>
    `${change === 'added' ? 'adds' : 'removes'} the firewall rule ${rule}`,
  'snat-changed': ({ fields: { change, rule } }) =>
    `${change === 'added' ? 'adds' : 'removes'} the SNAT rule ${rule}`,
  'connections-deleted': ({ fields: { count } }) => `forgets ${count} tracked connections`,
  'command-failed': ({ fields: { command, error } }) => `${command}: ${error}`,
  'rule-added': ({ fields: { rule } }) => `routes by a new rule: ${rule}`,
  'rule-removed': ({ fields: { rule } }) => `routes no longer by the rule: ${rule}`,
  'neighbor-changed': neighborChanged,
  'path-mtu-learned': ({ fields: { destination, mtu } }) => `path MTU to ${destination} is ${mtu}`,
  'redirect-accepted': ({ fields: { destination, gateway } }) =>
    `is redirected: ${destination} by ${gateway}`,
  'snat-port-changed': ({ fields: { mapped, original } }) =>
    `${original} leaves as ${mapped}: the port was taken`,
  'connection-broken': null,
  // the control plane
  'oc-command': ({ fields: { command } }) => command.replace(/^oc /, ''),
  'api-write': ({ fields: { body, object, verb } }) => `${verb} ${object} ${body}`.trimEnd(),
  // One error a line: several objects may be missing.
  'oc-failed': ({ fields: { message } }) => message.trim().replaceAll('\n', '; '),
  'node-not-ready': ({ fields: { node } }) => `${node} is NotReady`,
  'node-registered': ({ fields: { node } }) => `${node} registers`,
  'node-ready': ({ fields: { node } }) => `${node} is Ready`,
  'api-delay-changed': ({ fields: { delay } }) =>
    delay === 0 ? 'hears of the API at once' : `hears of the API ${formatDuration(delay)} late`,
  'agent-stopped': ({ fields: { container } }) =>
    `its ${container} pod has stopped, the datapath goes on`,
  'agent-started': ({ fields: { container } }) => `its ${container} pod has started`,
  // people
  'arping-done': arpingDone,
  'ping-reply': null,
  'ping-done': ({ fields: { answered, sent, to } }) =>
    `ping ${to}: ${answered} of ${sent} answered`,
  'capture-ended': ({ fields: { goesOn, why } }) =>
    `${why}; ${goesOn ? 'the lab goes on without it' : 'the lab stops'}`,
  'capture-limit': ({ fields: { octets, path, ring } }) =>
    ring === null
      ? `${path} has reached ${formatByteSize(octets)}: later frames are not in it`
      : `${path} makes room: the last ${ring} files of ${formatByteSize(octets)} are kept`,
  // flows
  'flow-unanswered': ({ fields: { why } }) => `is not answered${because(why)}`,
  'flow-interrupted': ({ fields: { since, why } }) =>
    `has not been answered since ${formatSeconds(since)}${because(why)}`,
  'flow-condensed': ({ fields: { kept } }) =>
    `goes on; from now on only its last ${kept} requests are kept in full`,
  'flow-answered': ({ fields: { outage } }) =>
    outage === null ? 'is answered' : `answered again after ${rounded(outage)}`,
};

/** What an event says; null when it is not worth a line. */
export function sentenceOf(event: LabEvent, scene: Scene): string | null {
  return say(event, scene);
}

function say<K extends keyof LabEvents>(event: EventOf<LabEvents, K>, scene: Scene): string | null {
  return sentences[event.kind]?.(event, scene) ?? null;
}

function neighborChanged(
  { fields }: EventOf<LabEvents, 'neighbor-changed'>,
  scene: Scene,
): string | null {
  const { address, mac, previousMac, state, cause } = fields;
  if (mac !== null && previousMac !== null && mac !== previousMac) {
    const [from, to] = toldApart(previousMac, mac, scene);
    return `${address} moves ${from} -> ${to} (${cause}, ${state})`;
  }
  if (!scene.isNews(address)) return null;
  if (state === 'FAILED') return `gives up on ${address}: no answer (FAILED)`;
  if (mac !== null && previousMac === null) {
    return `${address} is at ${named(mac, scene)} (${cause}, ${state})`;
  }
  return null;
}

function arpSent({ fields }: EventOf<LabEvents, 'arp-sent'>, scene: Scene): string {
  const { comment, operation, senderIp, senderMac, targetIp } = fields;
  const mac = named(senderMac, scene);
  const said =
    operation === 'request'
      ? `who has ${targetIp}, tell ${senderIp} at ${mac}`
      : operation === 'reply'
        ? `${senderIp} is at ${mac}`
        : `operation ${operation}, ${senderIp} at ${mac}, target ${targetIp}`;
  return `sends ARP: ${said}${because(comment)}`;
}

/** An announcement was reported when it was sent. */
function arpingDone({ fields }: EventOf<LabEvents, 'arping-done'>, scene: Scene): string | null {
  const { address, answeredBy, exitCode, mode } = fields;
  if (mode.startsWith('announce')) return null;
  const answerers = answeredBy.map((mac) => [...scene.ownersOf(mac), mac].join(' ')).join(', ');
  const answers = answeredBy.length === 0 ? 'no answer' : `answered by ${answerers}`;
  return `arping ${address}: ${answers} (exit ${exitCode})`;
}

/** 'GR_worker02 ' for a router on the machine, nothing for the machine itself. */
function of(holder: string, machine: string): string {
  return holder === machine ? '' : `${holder} `;
}

/** 'node1 02:..:11': a derived MAC address ends as the IP address does, so it is the name that tells. */
function named(mac: string, scene: Scene): string {
  const owners = scene.ownersOf(mac);
  return owners.length === 0 ? mac : `${owners.join(' and ')} ${shortMac(mac)}`;
}

/** Both in short, or in full where that would read the same. */
function toldApart(a: string, b: string, scene: Scene): [string, string] {
  const short: [string, string] = [named(a, scene), named(b, scene)];
  if (short[0] !== short[1]) return short;
  const owner = scene.ownersOf(a).join(' and ');
  return [`${owner} ${a}`, `${owner} ${b}`];
}

/** '02:00:c0:a8:32:91' → '02:..:91', enough beside a name. */
function shortMac(mac: string): string {
  const parts = mac.split(':');
  return `${parts[0]}:..:${parts.at(-1)}`;
}

/** '3.25s', to the millisecond. */
function rounded(duration: Nanos): string {
  return formatDuration(millis(Math.round(duration / millis(1))));
}

/** ': <text>', or nothing where there is nothing to tell. */
function clause(text: string): string {
  return text === '' ? '' : `: ${text}`;
}

/** ' (<why>)', or nothing where nothing is known. */
function because(why: string | null): string {
  return why === null ? '' : ` (${why})`;
}
