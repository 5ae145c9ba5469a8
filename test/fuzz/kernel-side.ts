// The kernel's half of a case: a host in a network namespace of its own, in real time.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Emission, FuzzCase, Observation } from './case.ts';
import { Follower } from './follower.ts';
import { kernelPhase } from './kernel-clock.ts';
import { KernelHost } from './kernel-host.ts';

/**
 * Sends a case to the kernel. `patience`: milliseconds to wait for each answer that is not there at
 * once, which a busy machine may owe to nothing but its load.
 */
export async function runInKernel(
  { config, steps }: FuzzCase,
  patience: number,
): Promise<Observation> {
  using host = new KernelHost(config);
  const follower = new Follower();
  const injected: Uint8Array[] = [];
  const emitted: Emission[][] = [];
  const now = performance.now();
  const start = now - kernelPhase(now);
  const times: number[] = [];
  for (const step of steps) {
    if (step.does !== undefined) host.act(step.does);
    const octets = follower.resolve(step);
    injected.push(octets);
    times.push(performance.now() - start);
    if (octets.length > 0) host.cables.inject(step.on, octets);
    const burst = host.cables.collect(octets.length > 0 && step.wait === 0 ? patience : 0);
    if (step.wait > 0) {
      await sleep(step.wait);
      burst.push(...host.cables.collect(patience));
    }
    for (const emission of burst) follower.observe(emission);
    emitted.push(burst);
  }
  times.push(performance.now() - start);
  return { times, injected, emitted, neighbors: host.neighbors(), connections: host.connections() };
}
