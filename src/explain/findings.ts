// From what was seen to what is said: verdicts on addresses, beliefs of hosts, outages of flows, scans and forgeries.

import type { Nanos } from '../sim/time.ts';
import { type AddressLog, bySegment } from './address-log.ts';
import { type Burst, formatNumber, type SeenAnnouncement } from './arp-watch.ts';
import { beliefsOf, flipsOf } from './beliefs.ts';
import type { Domain } from './domain.ts';
import type { FlowLog } from './flow-log.ts';
import { type AddressVerdict, judge } from './holders.ts';
import type { Explanation, FlowRow, ProbeRow, Scan, SeenClaim, Spoofing, Storm } from './model.ts';
import type { Observer } from './observer.ts';
import { explainOutage } from './outage-causes.ts';
import { routerGroups, translationRows } from './rows.ts';
import { inSeries } from './series.ts';
import { forgersIn, twinsIn } from './suspects.ts';

/** Fewer targets in one burst are no scan. */
const SCAN_TARGETS = 16;
/** Questions of one sender within 100 ms; more than this are a storm, unless they are a scan. */
const STORM_REQUESTS = 30;
const SECOND: Nanos = 1_000_000_000;
/** Tries of an unanswered question that are news. */
const TRIES = 3;

/** What the captures say, without what the files say of themselves. */
export type SeenFindings = Omit<Explanation, 'start' | 'files' | 'names'>;

/** Draws the conclusions from what was seen so far. */
export function findingsOf(observer: Observer): SeenFindings {
  const { addresses, arp, flows } = observer;
  const bursts = arp.allBursts();
  const format = (address: number): string => addresses.format(address);
  const domains = [...observer.domains.values()];
  const scans = bursts.filter(isScan);
  const forgers = forgersIn(domains);
  const verdicts = domains.flatMap((domain) => verdictsOf(domain, format, new Set(forgers.keys())));
  const conflicts = verdicts.flatMap((verdict) => verdict.conflicts);
  const moves = verdicts.flatMap((verdict) => verdict.moves);
  const contested = verdicts.flatMap((verdict) => verdict.contested);
  const claims = verdicts.flatMap((verdict) => verdict.claims);
  const beliefs = domains.flatMap((domain) => beliefsOf(domain, format));
  const announced = arp.announcements.filter((each) => !scans.some((scan) => covers(scan, each)));
  const end = observer.last;
  const surroundingsOf = (flow: FlowLog): Parameters<typeof explainOutage>[3] => {
    const ends = new Set([format(flow.client), format(flow.server)]);
    const isAbout = ({ address, domain }: { address: string; domain: string }): boolean =>
      ends.has(address) && domain === flow.domain;
    return {
      conflicts: conflicts.filter(isAbout),
      moves: moves.filter(isAbout),
      contested: contested
        .filter(isAbout)
        .filter(({ kind }) => kind === 'announced only' || kind === 'forged'),
      claims: claims.filter(isAbout),
      lastSignOf: (mac) => observer.lastSignOf(mac),
      isUnresolved: ({ client, domain, server }, from, to) =>
        [...(observer.domains.get(domain)?.questions.values() ?? [])].some(
          (question) =>
            !question.answered &&
            (question.target === server || question.target === client) &&
            question.from <= to &&
            question.last >= from - SECOND,
        ),
    };
  };
  return {
    duration: end,
    frames: observer.frames,
    claims,
    conflicts,
    moves,
    contested,
    announcements: inSeries(announced, format),
    beliefs: beliefs.filter(({ isOnLink }) => isOnLink).map(({ row }) => row),
    flips: domains
      .flatMap((domain) => flipsOf(domain, format, observer.forwarders))
      .sort((a, b) => a.at - b.at),
    nextHops: beliefs.filter(({ isOnLink }) => !isOnLink).map(({ row }) => row),
    flows: told([...flows.flows.values()]).map((flow) =>
      flowRow(flow, end, flows.receivers, format, surroundingsOf(flow)),
    ),
    unanswered: domains.flatMap((domain) =>
      [...domain.questions.values()]
        .filter(({ answered, tries }) => !answered && tries >= TRIES)
        .filter(
          (each) => !scans.some((scan) => scan.by === each.asker && scan.targets.has(each.target)),
        )
        .map(({ askerAddress, frame, from, target, tries }) => ({
          at: from,
          frame,
          asker: format(askerAddress),
          address: format(target),
          domain: domain.name,
          tries,
        })),
    ),
    probes: arp.probes.map((probe) => probeRow(probe, observer, format)),
    releases: arp.releases.map(({ address, at, frame, mac }) => ({
      at,
      frame,
      address: format(address),
      mac: formatNumber(mac),
      defendedBy: null,
    })),
    scans: scans.map(scanRow),
    storms: stormsIn(arp.loops, bursts),
    spoofing: [...forgers].map(
      ([by, found]): Spoofing => ({
        by: formatNumber(by),
        addresses: [...found.addresses].map(format),
        answers: found.answers,
        from: found.from,
      }),
    ),
    translations: translationRows(observer, format),
    routerGroups: routerGroups(observer, format),
    unseen: unseenOf(observer),
  };
}

/** Those of which a request was seen; what travels in an overlay network and outside of it once. */
function told(flows: readonly FlowLog[]): FlowLog[] {
  const asked = flows.filter(({ opened, sent }) => sent + opened > 0);
  const plain = new Map(
    asked.filter(({ domain }) => !isOverlay(domain)).map((flow) => [nameOf(flow), flow]),
  );
  return asked.filter((flow) => {
    const other = isOverlay(flow.domain) ? plain.get(nameOf(flow)) : undefined;
    return other === undefined || other.sent + other.opened < flow.sent + flow.opened;
  });
}

function nameOf({ client, port, protocol, server }: FlowLog): string {
  return `${client} ${server} ${protocol} ${port}`;
}

function isOverlay(domain: string): boolean {
  return domain.startsWith('vni') || domain.startsWith('geneve');
}

function verdictsOf(
  domain: Domain,
  format: (address: number) => string,
  forgers: ReadonlySet<number>,
): AddressVerdict[] {
  const logs = [...domain.logs.values()];
  const twins = twinsIn(logs);
  const routers = domain.routers();
  return logs.flatMap((log) => {
    const parts = bySegment(log, domain.segments);
    const isHome = parts.some(isAnswered);
    return parts.map((part) => {
      const verdict = judge(part, format(log.address), twins, forgers, routers);
      return isHome && !isAnswered(part) ? elsewhere(verdict) : verdict;
    });
  });
}

/** Linux asks with any of its addresses, whatever the network (arp_announce). */
function elsewhere({ claims, contested }: AddressVerdict): AddressVerdict {
  const rows = claims.map((claim): SeenClaim => ({ ...claim, kind: 'elsewhere' }));
  return { claims: rows, conflicts: [], moves: [], contested };
}

function isAnswered({ claimants }: AddressLog): boolean {
  return [...claimants.values()].some(({ announcements, answers }) => announcements + answers > 0);
}

function isScan({ answered, targets }: Burst): boolean {
  return targets.size >= SCAN_TARGETS && answered.size * 2 < targets.size;
}

function stormsIn(loops: Observer['arp']['loops'], bursts: readonly Burst[]): Storm[] {
  const flooding = bursts.filter((burst) => burst.peak > STORM_REQUESTS && !isScan(burst));
  return [
    ...loops.map(({ by, ...loop }): Storm => ({ kind: 'loop', by: formatNumber(by), ...loop })),
    ...flooding.map(
      ({ by, frame, from: at, peak: copies }): Storm => ({
        kind: 'requests',
        by: formatNumber(by),
        at,
        frame,
        copies,
      }),
    ),
  ].sort((a, b) => a.at - b.at);
}

function covers(scan: Burst, { address, at, mac, operation }: SeenAnnouncement): boolean {
  const isIn = at >= scan.from && at <= scan.last && scan.targets.has(address);
  return isIn && scan.by === mac && operation === 'request';
}

function scanRow({ answered, by, from, last, targets }: Burst): Scan {
  return { by: formatNumber(by), from, to: last, addresses: targets.size, answered: answered.size };
}

function flowRow(
  flow: FlowLog,
  end: Nanos,
  receivers: ReadonlySet<number>,
  format: (address: number) => string,
  around: Parameters<typeof explainOutage>[3],
): FlowRow {
  flow.finish(end);
  // What nobody was seen to send there may go another way.
  const isSeen = flow.answered > 0 || (receivers.has(flow.client) && flow.refusals.length > 0);
  return {
    client: format(flow.client),
    server: format(flow.server),
    protocol: flow.protocol,
    port: flow.port,
    domain: flow.domain,
    sent: flow.sent,
    answered: flow.answered,
    retransmissions: flow.retransmissions,
    outages: isSeen ? flow.outages.map((outage) => explainOutage(flow, outage, end, around)) : [],
  };
}

function probeRow(
  {
    address,
    at,
    domain,
    frame,
    mac,
  }: { address: number; at: Nanos; domain: string; frame: number; mac: number },
  observer: Observer,
  format: (address: number) => string,
): ProbeRow {
  const claimants = [
    ...(observer.domains.get(domain)?.logs.get(address)?.claimants.values() ?? []),
  ];
  const defender = claimants.find(
    (each) => each.mac !== mac && each.heardAt >= at && each.heardAt <= at + SECOND,
  );
  const defendedBy = defender === undefined ? null : formatNumber(defender.mac);
  return { at, frame, address: format(address), mac: formatNumber(mac), defendedBy };
}

function unseenOf(observer: Observer): string[] {
  const texts: string[] = [];
  if (observer.hasRaw) {
    texts.push('frames without MAC addresses: who claims and who believes cannot be seen in them');
  }
  if (observer.hasCooked) {
    texts.push('cooked frames have no destination MAC address: whom hosts believe cannot be seen');
  }
  if (observer.arp.omitted > 0) {
    texts.push(`${observer.arp.omitted} announcements and probes are beyond the bound of a report`);
  }
  return texts;
}
