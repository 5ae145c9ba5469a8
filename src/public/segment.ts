// A segment of a lab: one broadcast domain, with the switch in its middle.

import type { Segment as SegmentModel } from '../lab/segment.ts';
import { type FdbRow, fdbRows } from '../view/fdb.ts';
import type { Inside } from './inside.ts';

/** A broadcast domain. You get one from {@link Lab}. */
export class Segment {
  /** Its name in the topology. */
  readonly name: string;
  readonly #inside: Inside;
  readonly #segment: SegmentModel;

  private constructor(inside: Inside, segment: SegmentModel) {
    this.name = segment.spec.name;
    this.#inside = inside;
    this.#segment = segment;
  }

  /** @internal */
  static of(inside: Inside, segment: SegmentModel): Segment {
    return new Segment(inside, segment);
  }

  /** Machines and segments with a cable to it. */
  get members(): readonly string[] {
    return [...new Set(this.#segment.behind.values())];
  }

  /** `bridge fdb`: which MAC address the switch has seen where. */
  fdb(): readonly FdbRow[] {
    return fdbRows(this.#segment, this.#inside.lab.now);
  }

  /**
   * Machines of different groups no longer hear each other; who is in no group hears everybody.
   * @throws {@link EgressLabError} EGL_UNKNOWN_MACHINE for who has no cable to it
   *
   * @example
   * ```ts
   * import { createLab } from 'egresslab';
   *
   * const lab = createLab(`
   * name: pair
   * segments: { lan: { subnet: 10.0.0.0/24, latency: 50us } }
   * hosts:
   *   a: { interfaces: { eth0: { segment: lan, address: 10.0.0.1/24 } } }
   *   b: { interfaces: { eth0: { segment: lan, address: 10.0.0.2/24 } } }
   * `);
   * lab.segment('lan').partition(['a'], ['b']);
   * console.log(lab.host('a').ping('b').answered); // 0
   * lab.segment('lan').heal();
   * console.log(lab.host('a').ping('b').answered); // 1
   * ```
   */
  partition(...groups: readonly (readonly string[])[]): void {
    this.#inside.lab.partition(this.name, groups);
  }

  /** Ends a partition. */
  heal(): void {
    this.#inside.lab.heal(this.name);
  }
}
