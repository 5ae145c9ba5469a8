// What normalizers share: what has been normalized so far, beside the names and the complaints of
// schema/reporter.ts. A normalizer that cannot go on reports and returns null; its caller leaves
// the entry out.

import type { Declared } from '../schema/declared.ts';
import type { Path } from '../schema/position.ts';
import type { Pruned } from '../schema/prune.ts';
import { Reporter } from '../schema/reporter.ts';
import type { SourceMap } from '../schema/source.ts';
import type { Ipv4Address } from '../wire/ipv4-address.ts';
import type { Dialect } from './dialect.ts';
import type { FlowSpec, MachineSpec, PodSpec, SegmentSpec } from './model.ts';
import type { InterfaceReference } from './steps/step.ts';

/** Everything that is known while one topology is read. */
export class Context extends Reporter {
  /** Of the one fabric that the file names. */
  readonly dialect: Dialect;
  readonly segments: Map<string, SegmentSpec> = new Map();
  /** Hosts and nodes. */
  readonly machines: Map<string, MachineSpec> = new Map();
  readonly pods: Map<string, PodSpec> = new Map();
  readonly flows: Map<string, FlowSpec> = new Map();
  /** Names of the arping and ping steps so far. */
  readonly arpings: Set<string> = new Set();
  readonly pings: Set<string> = new Set();

  constructor(declared: Declared, map: SourceMap, value: Pruned, dialect: Dialect) {
    super(declared, map, value);
    this.dialect = dialect;
  }

  get hasCluster(): boolean {
    return this.mentions(['cluster']);
  }

  /** 'worker02/enp1s0', or 'worker02' for the first interface, of a host or node; `also` are names of interfaces that every machine has. */
  interface(text: string, path: Path, ...also: readonly string[]): InterfaceReference | null {
    const slash = text.indexOf('/');
    const machine = slash < 0 ? text : text.slice(0, slash);
    if (!this.known(machine, path, 'host', 'node')) return null;
    const names = this.declared.interfaces(machine);
    const name = slash < 0 ? names[0] : text.slice(slash + 1);
    if (name === undefined) {
      this.report(path, `"${machine}" has no interface`);
      return null;
    }
    if (names.includes(name) || also.includes(name)) return { machine, interface: name };
    this.unknown(
      `interface`,
      `${machine}/${name}`,
      names.map((known) => `${machine}/${known}`),
      path,
    );
    return null;
  }

  /** Whether a host has none by design, and not because of a problem that was reported already. */
  hasNoAddress(host: string): boolean {
    const interfaces = this.machines.get(host)?.interfaces;
    // A node always has one, or its own problem.
    if (interfaces === undefined || !this.declared.has('host', host)) return false;
    if (this.damaged(['hosts', host])) return false;
    return interfaces.every(({ segment }) => segment === null || this.segments.has(segment));
  }

  /** The address under which a pod, host or node is reached; null without a complaint when it has its own. */
  addressOf(name: string): Ipv4Address | null {
    const pod = this.pods.get(name);
    if (pod !== undefined) return pod.address.address;
    for (const { addresses } of this.machines.get(name)?.interfaces ?? []) {
      if (addresses[0] !== undefined) return addresses[0].address;
    }
    return null;
  }
}
