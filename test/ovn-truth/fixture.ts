// What OVN did, as measured: test/fixtures/ovn/<release>/*.expect.json, in the format of the kernel's
// fixtures without the lengths of ARP frames (always 42) and without numbers that nothing compares. A
// scenario that two releases play alike is kept once, under the newer.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Fixture } from '../kernel-truth/fixture.ts';
import { PROJECT } from '../kernel-truth/project.ts';

/** The measured releases of OVN. */
export const RELEASES = ['25.03', '23.03'] as const;
export type ReleaseName = (typeof RELEASES)[number];

const FOLDER = new URL('test/fixtures/ovn/', PROJECT);

/** @throws when there is no such fixture */
export function readOvnFixture(release: ReleaseName, name: string): Fixture {
  const own = new URL(`${release}/${name}.expect.json`, FOLDER);
  const file = existsSync(own) ? own : new URL(`${RELEASES[0]}/${name}.expect.json`, FOLDER);
  return JSON.parse(readFileSync(file, 'utf8')) as Fixture;
}

/** The names of all fixtures. */
export function fixtureNames(): string[] {
  return readdirSync(new URL(`${RELEASES[0]}/`, FOLDER)).map((file) =>
    file.replace('.expect.json', ''),
  );
}
