// What a cable does to frames: the keys that segments, interfaces, links between segments and
// `impair` steps share. What an interface does not say, its segment says; what neither says is perfect.

import { z } from 'zod';
import { PERFECT_CHANNEL } from '../link/channel.ts';
import { bitRate, byteSize, duration, type Optional, probability } from '../schema/values.ts';
import type { Nanos } from '../sim/time.ts';
import type { CableSpec, LinkProperties } from './model.ts';
import type { CableDirection } from './steps/step.ts';

/** As written: everything may be left out. */
export interface RawLinkProperties {
  readonly latency?: Nanos;
  readonly jitter?: Nanos;
  readonly loss?: number;
  readonly duplication?: number;
  readonly reordering?: number;
  readonly corruption?: number;
  readonly bandwidth?: number;
  readonly queue?: number;
  readonly padded?: boolean;
}

interface LinkShape {
  readonly latency: Optional<Nanos>;
  readonly jitter: Optional<Nanos>;
  readonly loss: Optional<number>;
  readonly duplication: Optional<number>;
  readonly reordering: Optional<number>;
  readonly corruption: Optional<number>;
  readonly bandwidth: Optional<number>;
  readonly queue: Optional<number>;
  readonly padded: Optional<boolean>;
}

/** The keys themselves, to be spread into a schema. */
export const linkShape: LinkShape = {
  latency: duration.exactOptional().describe('How long a frame travels, each way'),
  jitter: duration.exactOptional().describe('Extra delay, uniform from zero to this'),
  loss: probability.exactOptional().describe('Chance that a frame is lost'),
  duplication: probability.exactOptional().describe('Chance that a frame arrives twice'),
  reordering: probability.exactOptional().describe('Chance that a frame overtakes those in flight'),
  corruption: probability.exactOptional().describe('Chance that one bit of a frame flips'),
  bandwidth: bitRate.exactOptional().describe('Unlimited when left out'),
  queue: byteSize
    .exactOptional()
    .describe('How much may wait for the transmitter when bandwidth is limited (512KiB)'),
  padded: z
    .boolean({ error: 'expected true or false' })
    .exactOptional()
    .describe('Frames are padded to 60 bytes, as a physical NIC does and veth does not'),
};

/** Only what was written, under the names of the model. */
export function writtenProperties(raw: RawLinkProperties): Partial<LinkProperties> {
  return {
    ...(raw.latency === undefined ? {} : { latency: raw.latency }),
    ...(raw.jitter === undefined ? {} : { jitter: raw.jitter }),
    ...(raw.loss === undefined ? {} : { loss: raw.loss }),
    ...(raw.duplication === undefined ? {} : { duplicate: raw.duplication }),
    ...(raw.reordering === undefined ? {} : { reorder: raw.reordering }),
    ...(raw.corruption === undefined ? {} : { corrupt: raw.corruption }),
    ...(raw.bandwidth === undefined ? {} : { bandwidth: raw.bandwidth }),
    ...(raw.queue === undefined ? {} : { queueLimitBytes: raw.queue }),
    ...(raw.padded === undefined ? {} : { padded: raw.padded }),
  };
}

/** What was written over what is around it. */
export function linkProperties(
  raw: RawLinkProperties,
  around: LinkProperties = PERFECT_CHANNEL,
): LinkProperties {
  return { ...around, ...writtenProperties(raw) };
}

/** An interface's cable: both directions, then what `out` and `in` say of one of them. */
export interface RawCable extends RawLinkProperties {
  readonly out?: RawLinkProperties;
  readonly in?: RawLinkProperties;
  readonly down?: CableDirection;
}

interface CableShape extends LinkShape {
  readonly out: Optional<RawLinkProperties>;
  readonly in: Optional<RawLinkProperties>;
  readonly down: Optional<CableDirection>;
}

const oneDirection: z.ZodType<RawLinkProperties> = z.strictObject(linkShape);

/** Which directions of a cable are meant. */
export const direction: z.ZodType<CableDirection> = z.enum(['both', 'out', 'in']);

/** The keys themselves, to be spread into a schema. */
export const cableShape: CableShape = {
  ...linkShape,
  out: oneDirection.exactOptional().describe('What differs for frames that the machine transmits'),
  in: oneDirection.exactOptional().describe('What differs for frames that the machine receives'),
  down: direction.exactOptional().describe('A direction that is dark from the start'),
};

/** A machine's cable: what the segment says, and what the interface says otherwise. */
export function cable(raw: RawCable, segment: LinkProperties): CableSpec {
  const both = linkProperties(raw, segment);
  return {
    out: linkProperties(raw.out ?? {}, both),
    in: linkProperties(raw.in ?? {}, both),
    outUp: raw.down !== 'out' && raw.down !== 'both',
    inUp: raw.down !== 'in' && raw.down !== 'both',
  };
}
