// Cases in which the lab once did something else than the kernel (`npm run fuzz:kernel`), against the
// lab alone: what the kernel did is in the files.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Fixture } from './fuzz/case.ts';
import { replay } from './fuzz/replay.ts';

const FOLDER = new URL('./fixtures/fuzz/', import.meta.url);

describe('the lab does what the kernel did', () => {
  for (const name of readdirSync(FOLDER).sort()) {
    const fixture: Fixture = JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'));
    test(`${name}: ${fixture.about}`, () => {
      expect(replay(fixture)).toBeNull();
    });
  }
});
