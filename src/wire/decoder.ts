// How a stretch of a frame is put into words: the shape of what describe.ts and describe-ipv4.ts register.

import type { Frame } from './frame.ts';

/** Describes what stands in `[at, frame.end)`; `inner` describes a frame carried in it. */
export type Decoder = (frame: Frame, at: number, inner: InnerDecoder) => string;

/** Describes the Ethernet frame in `[at, end)` of another. */
export type InnerDecoder = (frame: Frame, at: number, end: number) => string;
