// What is wrong, or odd, with the EgressIP objects of a topology: addresses that are none or a node's,
// selectors that are none, and selectors that pick nothing of what the topology has.

import type { Path } from '../../schema/position.ts';
import type { Reporter } from '../../schema/reporter.ts';
import { formatIpv4, type Ipv4Address, type Ipv4Cidr } from '../../wire/ipv4-address.ts';
import { NAME_LABEL } from './control/names.ts';
import { LabelIndex } from './control/view/label-index.ts';
import { selectorProblem, selects } from './control/view/selectors.ts';
import { canonicalIp } from './ip-text.ts';
import type { SelectorSettings } from './settings.ts';

/** An EgressIP as it is written. */
export interface RawEgressIp {
  readonly egressIPs: readonly string[];
  readonly namespaceSelector: SelectorSettings;
  readonly podSelector?: SelectorSettings;
}

/** What every cluster's nodes have, whatever its fabric. */
export type RawNodes = Readonly<Record<string, { readonly address?: Ipv4Cidr | Ipv4Address }>>;

type Labels = Readonly<Record<string, string>>;
/** The same of namespaces. */
export type RawNamespaces = Readonly<Record<string, { readonly labels?: Labels }>>;
/** And of pods. */
export type RawPods = Readonly<
  Record<string, { readonly namespace?: string; readonly labels?: Labels }>
>;

/** What the EgressIPs of a topology are about. */
export class EgressIpSurroundings {
  /** Nodes by address. */
  readonly #holders = new Map<string, string>();
  readonly #namespaces: LabelIndex;
  readonly #pods = new Map<string, { readonly labels?: Labels }[]>();

  constructor(nodes: RawNodes, namespaces: RawNamespaces, pods: RawPods) {
    for (const [name, { address }] of Object.entries(nodes)) {
      if (address === undefined) continue;
      const bits = typeof address === 'number' ? address : address.address;
      this.#holders.set(formatIpv4(bits), name);
    }
    this.#namespaces = new LabelIndex(
      Object.entries(namespaces).map(([name, { labels }]) => [
        name,
        { ...labels, [NAME_LABEL]: name },
      ]),
    );
    for (const pod of Object.values(pods)) {
      const there = this.#pods.get(pod.namespace ?? '') ?? [];
      this.#pods.set(pod.namespace ?? '', there);
      there.push(pod);
    }
  }

  /** The node that has an address as its own. */
  holderOf(ip: string): string | undefined {
    return this.#holders.get(ip);
  }

  /** Namespaces that a selector picks, in the order of the file. */
  namespaces(selector: SelectorSettings): readonly string[] {
    return this.#namespaces.selected(selector);
  }

  podsIn(namespace: string): readonly { readonly labels?: Labels }[] {
    return this.#pods.get(namespace) ?? [];
  }
}

/** Reports what is wrong with one object at `path`, and warns of selectors that pick nothing. */
export function checkEgressIp(
  reporter: Reporter,
  given: RawEgressIp,
  surroundings: EgressIpSurroundings,
  path: Path,
): void {
  checkAddresses(reporter, given, surroundings, path);
  let isSound = true;
  for (const key of ['namespaceSelector', 'podSelector'] as const) {
    const selector = given[key];
    const problem = selector === undefined ? null : selectorProblem(selector);
    if (problem === null) continue;
    isSound = false;
    const message = `"${key}" is no label selector: ${problem}`;
    reporter.report([...path, key], message, 'write labels as Kubernetes takes them');
  }
  if (isSound) warnOfEmptySelection(reporter, given, surroundings, path);
}

function checkAddresses(
  reporter: Reporter,
  { egressIPs }: RawEgressIp,
  surroundings: EgressIpSurroundings,
  path: Path,
): void {
  const seen = new Set<string>();
  for (const [index, text] of egressIPs.entries()) {
    const at = [...path, 'egressIPs', index];
    const ip = canonicalIp(text);
    const holder = ip === null ? undefined : surroundings.holderOf(ip);
    if (ip === null) {
      const message = `"${text}" is not an IP address`;
      reporter.report(at, message, 'write an address such as 192.168.50.120, without a mask');
    } else if (holder !== undefined) {
      const message = `${ip} is the address of node "${holder}", which no EgressIP can have`;
      reporter.report(at, message, 'choose a free address of the same network');
    } else if (seen.has(ip)) {
      reporter.warn(at, `${ip} is given twice`, 'keep one of them');
    } else if (ip.includes(':')) {
      const message = `${ip} is assigned as any other, but the lab carries no IPv6 packets yet`;
      reporter.warn(at, message, 'add an IPv4 address to see packets of the object');
    }
    if (ip !== null) seen.add(ip);
  }
}

function warnOfEmptySelection(
  reporter: Reporter,
  { namespaceSelector, podSelector }: RawEgressIp,
  surroundings: EgressIpSurroundings,
  path: Path,
): void {
  // A pod that is wrong in itself is no reason to say that there is none.
  const cluster = path.slice(0, -2);
  if (['namespaces', 'pods'].some((key) => reporter.damaged([...cluster, key]))) return;
  const chosen = surroundings.namespaces(namespaceSelector);
  if (chosen.length === 0) {
    const message = '"namespaceSelector" matches no namespace of this topology';
    const remedy = `give a namespace the labels: { ${labelsOf(namespaceSelector)} }, or change the selector`;
    reporter.warn([...path, 'namespaceSelector'], message, remedy);
    return;
  }
  const there = chosen.flatMap((namespace) => surroundings.podsIn(namespace));
  const matches = there.filter(({ labels }) => selects(podSelector ?? {}, labels ?? {}));
  if (matches.length > 0) return;
  if (podSelector === undefined || there.length === 0) {
    const names = chosen.slice(0, 3).join(', ');
    const message = `the namespaces that "namespaceSelector" matches have no pods: ${names}`;
    const remedy = 'add a pod there, or the object has nothing to do';
    reporter.warn([...path, 'namespaceSelector'], message, remedy);
  } else {
    const message = '"podSelector" matches no pod of the selected namespaces';
    const remedy = `give a pod the labels: { ${labelsOf(podSelector)} }, or change the selector`;
    reporter.warn([...path, 'podSelector'], message, remedy);
  }
}

/** What a namespace or pod would need, as far as a selector says it in labels. */
function labelsOf({ matchExpressions = [], matchLabels = {} }: SelectorSettings): string {
  const wanted = Object.entries(matchLabels).map(([key, value]) => `${key}: ${value || '""'}`);
  for (const { key, operator, values = [] } of matchExpressions) {
    if (operator === 'In') wanted.push(`${key}: ${values[0]}`);
    else if (operator === 'Exists') wanted.push(`${key}: ""`);
  }
  return wanted.join(', ');
}
