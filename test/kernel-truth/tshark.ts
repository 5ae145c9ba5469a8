// What Wireshark's command line says about duplicate addresses in a capture of the lab.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireTools, run } from '../support/tools.ts';
import { pcapngOf } from './capture-files.ts';
import type { World } from './world.ts';

export interface DuplicateAnalysis {
  /** Frames with arp.duplicate-address-detected. */
  readonly duplicates: number;
  /** The expert's lines about duplicate addresses, without counts. */
  readonly expert: string[];
  /** What the first of the frames is told to be. */
  readonly firstDetection: string[];
}

/** Null where tshark is not installed, unless EGRESSLAB_REQUIRE_KERNEL=1. */
export function analyze(world: World, at: string): DuplicateAnalysis | null {
  if (requireTools('tshark').skip) return null;
  const folder = mkdtempSync(join(tmpdir(), 'kernel-truth-'));
  const file = join(folder, 'wire.pcapng');
  try {
    const frames = world.recorder.raw.filter((frame) => frame.at === at);
    writeFileSync(file, pcapngOf(frames, world.fixture.name));
    const filter = ['-Y', 'arp.duplicate-address-detected', '-T', 'fields', '-e', 'frame.number'];
    const numbers = tshark(file, ...filter)
      .split(/\s+/)
      .filter(Boolean);
    const expert = tshark(file, '-q', '-z', 'expert,warn')
      .split('\n')
      .filter((line) => line.includes('uplicate IP'))
      .map((line) => line.trim().split(/\s+/).slice(1).join(' '));
    const details = tshark(file, '-Y', `frame.number==${numbers[0]}`, '-V')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => /uplicate IP address detected|earlier use/.test(line));
    return {
      duplicates: numbers.length,
      expert: [...new Set(expert)].sort(),
      firstDetection: details,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function tshark(file: string, ...parameters: readonly string[]): string {
  return run('tshark', '-n', '-r', file, ...parameters);
}
