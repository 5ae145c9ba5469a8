// Captures of the real kernel, each with what its machines did and what their tables held: explaining the capture gives
// what happened, and none of the statements that a tool makes that takes each second MAC address for a duplicate.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Explanation } from '../../src/explain/model.ts';
import { explainFiles, FOLDER } from './explain-file.ts';

/** What only a later question shows. */
const NEXT_QUESTION = 1.1;

interface TruthFlow {
  readonly src: string;
  readonly dst: string;
  readonly proto: string;
  readonly dport: number | null;
  readonly host: string;
  readonly outages: readonly { readonly from: number; readonly to: number | null }[];
}

interface Truth {
  readonly name: string;
  readonly epoch: number;
  readonly files: readonly { readonly file: string }[];
  readonly derivedFrom?: string;
  readonly sameTruth?: boolean;
  readonly claims: readonly {
    readonly address: string;
    readonly mac: string;
    readonly domain?: string;
    readonly kind: string;
  }[];
  readonly conflicts: readonly {
    readonly address: string;
    readonly domain?: string;
    readonly macs: readonly string[];
    readonly from: number;
  }[];
  readonly announcements: readonly {
    readonly address: string;
    readonly mac: string;
    readonly form: string;
  }[];
  readonly flips: readonly { readonly address: string; readonly to: string; readonly t: number }[];
  readonly flows: readonly TruthFlow[];
  readonly scans?: readonly {
    readonly by: string;
    readonly addresses: number;
    readonly answered: number;
  }[];
}

const truths: readonly Truth[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.truth.json'))
  .sort()
  .map((name) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')));
const recorded = truths.filter(({ derivedFrom }) => derivedFrom === undefined);

/** Flows whose trouble is not on the captured wire: the capture's `visibleFrom` says so. */
const UNSEEN: ReadonlySet<string> = new Set(['silent-failover pc']);
/** The capture ends where the addresses of the pods are not known. */
const ELSEWHERE: ReadonlySet<string> = new Set(['snat-inside.pcap']);

function nameOf({ file }: { readonly file: string }): string {
  return existsSync(join(FOLDER, file)) ? file : `${file}.gz`;
}

function check(truth: Truth, found: Explanation, file: string): void {
  const secondsOf = (at: number): number => at / 1e9 + found.start - truth.epoch;
  const conflicts = found.conflicts.map(({ address, domain, macs }) =>
    [address, domain, ...[...macs].sort()].join(' '),
  );
  expect(conflicts.sort()).toEqual(
    truth.conflicts
      .map(({ address, domain = '', macs }) => [address, domain, ...[...macs].sort()].join(' '))
      .sort(),
  );
  for (const [index, conflict] of truth.conflicts.entries()) {
    const at = secondsOf(found.conflicts[index]?.from ?? Number.NaN);
    expect(at).toBeGreaterThan(conflict.from - 0.06);
    expect(at).toBeLessThan(conflict.from + NEXT_QUESTION);
  }
  const watched = new Set(truth.claims.map(({ address }) => address));
  const claims = found.claims.filter(({ address }) => watched.has(address));
  if (!ELSEWHERE.has(file)) {
    const rows = (
      list: readonly { address: string; mac: string; domain?: string; kind: string }[],
    ) => [
      ...new Set(
        list.map((each) => `${each.address} ${each.domain ?? ''} ${each.mac} ${each.kind}`),
      ),
    ];
    expect(rows(claims).sort()).toEqual(rows(truth.claims).sort());
  }
  const forms = (list: readonly { address: string; mac: string; form: string }[]): string[] =>
    list.map(({ address, mac }) => `${address} ${mac}`).sort();
  expect(forms(found.announcements)).toEqual(forms(truth.announcements));
  for (const flip of found.flips.filter(({ address }) => watched.has(address))) {
    const near = truth.flips.filter(
      ({ address, t, to }) =>
        address === flip.address && to === flip.to && t < secondsOf(flip.proven) + 0.06,
    );
    expect(near, `${flip.observer} at ${secondsOf(flip.proven)}`).not.toEqual([]);
  }
}

function checkFlows(truth: Truth, found: Explanation): void {
  const secondsOf = (at: number): number => at / 1e9 + found.start - truth.epoch;
  for (const flow of truth.flows) {
    if (UNSEEN.has(`${truth.name} ${flow.host}`)) continue;
    const rows = found.flows.filter(
      ({ client, port, protocol, server }) =>
        client === flow.src &&
        server === flow.dst &&
        protocol === flow.proto &&
        port === flow.dport,
    );
    const outages = rows.flatMap((row) => row.outages);
    for (const { from, to } of flow.outages) {
      const match = outages.find((each) => Math.abs(secondsOf(each.from) - from) < 0.06);
      expect(match, `${flow.proto} ${flow.src} to ${flow.dst} at ${from}`).toBeDefined();
      if (to !== null) expect(secondsOf(match?.to ?? 0)).toBeCloseTo(to, 1);
      expect(['no-answer', 'unknown']).not.toContain(match?.cause);
    }
  }
}

describe('what is said of a capture of the kernel is what happened', () => {
  const cases = recorded.flatMap((truth) =>
    truth.files.map((file) => [nameOf(file), truth] as const),
  );

  test.each(cases)('%s', async (file, truth) => {
    const found = await explainFiles(file);
    check(truth, found, file);
    checkFlows(truth, found);
    expect(found.storms).toEqual([]);
    expect(found.spoofing).toEqual([]);
    const scans = found.scans.map(({ addresses, answered, by }) => ({ by, addresses, answered }));
    const wanted = (truth.scans ?? []).map(({ addresses, answered, by }) => ({
      by,
      addresses,
      answered,
    }));
    expect(scans).toEqual(wanted);
  });
});

describe('the format of a capture changes nothing of what is said', () => {
  const same = truths.filter(({ sameTruth }) => sameTruth === true);

  test.each(same.map((truth) => [truth.files[0]?.file ?? '', truth] as const))(
    '%s',
    async (file, { derivedFrom }) => {
      const original = recorded.find(({ name }) => name === derivedFrom);
      const [first] = original?.files ?? [];
      if (first === undefined) throw new Error(`no original ${derivedFrom}`);
      const a = await explainFiles(nameOf(first));
      const b = await explainFiles(file);
      const brief = ({ announcements, claims, conflicts, flips, moves }: Explanation): unknown => ({
        conflicts: conflicts.map(({ address, kind, macs }) => ({ address, kind, macs })),
        claims: claims.map(({ address, kind, mac }) => ({ address, kind, mac })),
        moves: moves.map(({ address, from, kind, to }) => ({ address, from, kind, to })),
        announcements: announcements.length,
        flips: flips.map(({ address, observer, to }) => ({ address, observer, to })),
      });
      expect(brief(b)).toEqual(brief(a));
    },
  );

  test('without MAC addresses flows are the same, and what cannot be seen is said', async () => {
    const a = await explainFiles('redirect.pcap');
    for (const file of [
      'redirect-raw.pcap',
      'redirect-null.pcap',
      'redirect-null-be.pcap',
      'redirect-loop.pcap',
    ]) {
      const b = await explainFiles(file);
      expect(b.flows.map(({ answered, sent }) => [sent, answered])).toEqual(
        a.flows.map(({ answered, sent }) => [sent, answered]),
      );
      expect(b.claims).toEqual([]);
      expect(b.unseen).not.toEqual([]);
    }
  });
});

test('captures of one network at two points are one story', async () => {
  const found = await explainFiles('skew-a.pcap', 'skew-b.pcap.gz');
  expect(found.conflicts).toEqual([]);
  expect(found.announcements).toHaveLength(2);
  expect(found.moves).toHaveLength(1);
  expect(found.flows.flatMap(({ outages }) => outages)).toEqual([]);
});
