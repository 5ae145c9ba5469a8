// Documents that are made from the code, or checked against it. `npm run golden` refreshes what can be.

import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { run } from '../src/cli/run.ts';
import { shippedTopologies } from '../src/platform/shipped-topologies.ts';
import { runScenario } from '../src/scenario/runner.ts';
import { SYSCTL_NAMES } from '../src/stack/sysctl/values.ts';
import { topologyJsonSchema } from '../src/topology/json-schema.ts';
import { parseTopology } from '../src/topology/parse.ts';
import { fakeIo } from './cli/fake-io.ts';
import { readFixture } from './kernel-truth/fixture.ts';
import { SCENARIOS } from './kernel-truth/scenarios/index.ts';
import { stepsAndExpectations, topologyReference } from './support/topology-reference.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const REFRESH = process.env.UPDATE_GOLDEN === '1';

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** Holds a part of a document to what it should be; refreshing writes it. */
function holdTo(path: string, current: string, wanted: string): void {
  if (REFRESH && current !== wanted) {
    writeFileSync(
      join(ROOT, path),
      read(path).replace(current, () => wanted),
    );
    return;
  }
  expect(current, `npm run golden refreshes ${path}`).toBe(wanted);
}

/** The contents of the fenced blocks of one language. */
function blocks(path: string, language: string): string[] {
  const fenced = read(path).matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'));
  return [...fenced].map((match) => match[1] ?? '');
}

test('the JSON Schema beside the topologies is that of the code', () => {
  const path = 'topologies/topology.schema.json';
  holdTo(path, read(path), `${JSON.stringify(topologyJsonSchema(), null, 2)}\n`);
});

test('the topology reference is that of the schema', () => {
  const path = 'topologies/REFERENCE.md';
  holdTo(path, read(path), topologyReference(topologyJsonSchema(), SYSCTL_NAMES));
});

describe('README', () => {
  test('every step and every expectation is in its table', () => {
    for (const [group, names] of Object.entries(stepsAndExpectations(topologyJsonSchema()))) {
      const [, table = ''] = read('README.md').split(`\n| ${group} |`);
      const cells = table.split('\n\n')[0]?.matchAll(/^\| (`[^|]*) \|/gm) ?? [];
      const named = [...cells].flatMap(([, cell = '']) => [...cell.matchAll(/`(\w+)`/g)]);
      expect(named.map(([, name]) => name).sort(), group).toEqual([...names].sort());
    }
  });

  test.each(blocks('README.md', 'console').map((block) => [block.split('\n')[0] ?? '', block]))(
    '%s prints what it says',
    async (command, block) => {
      const directory = mkdtempSync(join(tmpdir(), 'egresslab-docs-'));
      symlinkSync(join(ROOT, 'topologies'), join(directory, 'topologies'));
      try {
        const io = fakeIo({ workingDirectory: directory });
        const argv = command.replace(/^\$ npx egresslab /, '').split(' ');
        await run(argv, io, runScenario);
        expect(io.err()).toBe('');
        const printed = `${command}\n${io.out()}`;
        // Only the time on the wall may differ, and the blanks at line ends that kubectl prints.
        const trimmed = printed.replace(/ +$/gm, '');
        const masked = (text: string): string => text.replace(/ in \d+\.\d\d s$/gm, ' in N s');
        if (masked(block) !== masked(trimmed)) holdTo('README.md', block, trimmed);
      } finally {
        rmSync(directory, { recursive: true });
      }
    },
  );

  test.each(blocks('README.md', 'yaml').map((block, index) => [index + 1, block] as const))(
    'the topology in block %i is valid',
    (_index, block) => {
      expect(parseTopology(block, { file: 'README.md' }).diagnostics).toEqual([]);
    },
  );

  test('the library example is the very test that runs', () => {
    const path = 'test/library-example.test.ts';
    const [example = ''] = blocks('README.md', 'ts');
    holdTo('README.md', example, read(path));
  });

  test('every lab that comes along is in the table, and no other', () => {
    const chapter =
      read('README.md')
        .split(/^## /m)
        .find((part) => part.startsWith('The labs')) ?? '';
    const named = [...chapter.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map((row) => row[1]).sort();
    expect(named).toEqual(shippedTopologies().map(({ name }) => name));
  });
});

test('what is said to show a row of the matrix is there', () => {
  const [, matrix = ''] = read('README.md').split(
    '| | Modeled | Not modeled | Shown by |\n|---|---|---|---|\n',
  );
  const rows = matrix.split('\n\n')[0]?.split('\n') ?? [];
  const proofs = rows.flatMap((row) => [...(row.split(' | ')[3] ?? '').matchAll(/`([^`]+)`/g)]);
  expect(proofs.length).toBeGreaterThan(rows.length);
  for (const [, proof = ''] of proofs) {
    if (proof.startsWith('test/')) {
      expect(existsSync(join(ROOT, proof)), proof).toBe(true);
      continue;
    }
    const [number, ...cases] = proof.split(' ');
    const scenario = SCENARIOS.find(({ name }) => name.startsWith(`${number}-`));
    expect(scenario, proof).toBeDefined();
    const measured = scenario === undefined ? [] : readFixture(scenario.name).cases;
    for (const id of cases) expect(measured.map((each) => each.id)).toContain(id);
  }
});

test('every file that the guides name is there', () => {
  const named = ['.github/CONTRIBUTING.md', 'src/ARCHITECTURE.md', 'src/REFERENCE.md'].flatMap(
    (guide) => [...read(guide).matchAll(/`((?:[a-z][a-z0-9-]*\/)+[a-z0-9-]*(?:\.[a-z.]+)?)`/g)],
  );
  const paths = named.map(([, path = '']) => path);
  expect(paths.length).toBeGreaterThan(20);
  const missing = paths.filter(
    (path) => !['', 'src'].some((top) => existsSync(join(ROOT, top, path))),
  );
  expect(missing).toEqual([]);
});

test.each([
  'README.md',
  'CHANGELOG.md',
  '.github/CONTRIBUTING.md',
  'src/ARCHITECTURE.md',
  'src/REFERENCE.md',
])('every file that %s links to is there', (path) => {
  for (const [, target = ''] of read(path).matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)) {
    expect(existsSync(join(ROOT, path, '..', target)), `${path} → ${target}`).toBe(true);
  }
});
