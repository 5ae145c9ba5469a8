// Which cables a fault is aimed at: that of a machine's interface, of a kernel device, between two
// segments, or all cables of a segment.

import type { Link } from '../link/link.ts';
import type { ImpairTarget } from '../topology/steps/impair.ts';
import type { CableTarget } from '../topology/steps/step.ts';
import type { Attachment } from './attachment.ts';
import { configureCable, type Machine } from './machine.ts';
import type { Segment, SegmentLink } from './segment.ts';
import { unknownName } from './unknown-name.ts';

/** One cable, and the way back to what the topology says of it. */
export interface FaultTarget {
  /** 'worker02/enp1s0', 'kernel/egl0', or the name of a link. */
  readonly name: string;
  readonly link: Link;
  reset(): void;
}

/** What has cables; a lab. */
export interface Cabled {
  readonly machines: ReadonlyMap<string, Machine>;
  readonly segments: ReadonlyMap<string, Segment>;
  readonly links: ReadonlyMap<string, SegmentLink>;
  readonly attachments: ReadonlyMap<string, Attachment>;
}

/** @throws EgressLabError EGL_UNKNOWN_MACHINE, _INTERFACE, _LINK, _ATTACHMENT */
export function faultTarget(lab: Cabled, target: CableTarget): FaultTarget {
  switch (target.kind) {
    case 'interface':
      return interfaceCable(lab, target.machine, target.interface);
    case 'attachment':
      return attachmentCable(lab, target.attachment);
    case 'link': {
      const found = lab.links.get(target.link);
      if (found === undefined) return unknownName('link', target.link, [...lab.links.keys()]);
      const { spec, link } = found;
      return { name: spec.name, link, reset: () => link.configure(spec.link) };
    }
  }
}

/** One cable, or all cables of a segment. @throws EgressLabError EGL_UNKNOWN_SEGMENT besides */
export function faultTargets(lab: Cabled, target: ImpairTarget): FaultTarget[] {
  if (target.kind !== 'segment') return [faultTarget(lab, target)];
  const segment = lab.segments.get(target.segment);
  if (segment === undefined) {
    return unknownName('segment', target.segment, [...lab.segments.keys()]);
  }
  const targets: FaultTarget[] = [];
  for (const machine of lab.machines.values()) {
    for (const [name, cable] of machine.cables) {
      if (cable.segment === segment) targets.push(interfaceCable(lab, machine.name, name));
    }
  }
  for (const { spec } of lab.attachments.values()) {
    if ('segment' in spec && spec.segment === target.segment) {
      targets.push(attachmentCable(lab, spec.name));
    }
  }
  return targets;
}

function interfaceCable(lab: Cabled, name: string, interfaceName: string): FaultTarget {
  const machine = lab.machines.get(name);
  if (machine === undefined) return unknownName('machine', name, [...lab.machines.keys()]);
  const cable = machine.cables.get(interfaceName);
  if (cable === undefined) {
    return unknownName('interface', interfaceName, [...machine.cables.keys()]);
  }
  const { link, spec } = cable;
  const reset = (): void => configureCable(link, spec.cable);
  return { name: `${name}/${interfaceName}`, link, reset };
}

/** A device on a segment has the segment's kind of cable; one that is an interface, the interface's. */
function attachmentCable(lab: Cabled, name: string): FaultTarget {
  const attachment = lab.attachments.get(name);
  if (attachment === undefined) {
    return unknownName('attachment', name, [...lab.attachments.keys()]);
  }
  const { spec, link, port } = attachment;
  if ('host' in spec) return interfaceCable(lab, spec.host, spec.interface);
  const properties = lab.segments.get(spec.segment)?.spec.link;
  const reset = (): void => {
    if (properties !== undefined) link.configure(properties);
  };
  return { name: port.name, link, reset };
}
