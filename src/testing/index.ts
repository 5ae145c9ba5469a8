// `egresslab/vitest`: a fixture and matchers for tests. Importing it adds the matchers to vitest's `expect`.

import { expect } from 'vitest';
import type { FrameMatch } from '../public/frame-match.ts';
import {
  type BeliefMatch,
  type FrameOptions,
  toBelieve,
  toHaveFrame,
  toHoldAddress,
  toHoldExpectations,
} from './matchers.ts';

expect.extend({ toBelieve, toHaveFrame, toHoldAddress, toHoldExpectations });

/** What this entry adds to `expect`. */
export interface LabMatchers {
  /**
   * Of a Capture: it has seen a frame that fits. With `within`, lab time passes until one comes.
   * @throws EgressLabError EGL_COMMAND for a description of no frame
   */
  toHaveFrame(match: FrameMatch, options?: FrameOptions): void;
  /**
   * Of a Host, Node or Pod: it has a neighbor entry for the address, with this MAC address and state.
   * `expect(host).not.toBelieve(address)`: it has none.
   */
  toBelieve(address: string, belief?: BeliefMatch): void;
  /** Of a Lab: exactly these machines have power and the address; anybody when none is named. */
  toHoldAddress(address: string, ...machines: readonly string[]): void;
  /** Of the report of a run: every expectation of its topology held, and nothing stopped the lab. */
  toHoldExpectations(): void;
}

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: vitest declares it so, and both must be the same.
  interface Matchers<T = any> extends LabMatchers {}
}

export type { FrameMatch } from '../public/frame-match.ts';
export { type LabFixture, type LabTestOptions, labTest } from './lab-test.ts';
export type { BeliefMatch, FrameOptions } from './matchers.ts';
