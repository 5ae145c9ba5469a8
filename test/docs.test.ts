// Documents that are made from the code, or checked against it. `npm run golden` refreshes what can be.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { commands } from '../src/cli/commands/index.ts';
import { run } from '../src/cli/run.ts';
import { shippedTopologies } from '../src/platform/shipped-topologies.ts';
import { reportJsonSchema } from '../src/scenario/report-schema.ts';
import { runScenario } from '../src/scenario/run.ts';
import { SYSCTL_NAMES } from '../src/stack/sysctl/values.ts';
import { topologyJsonSchema } from '../src/topology/json-schema.ts';
import { parseTopology } from '../src/topology/parse.ts';
import { fakeIo } from './cli/fake-io.ts';
import { readFixture } from './kernel-truth/fixture.ts';
import { SCENARIOS } from './kernel-truth/scenarios/index.ts';
import {
  anchorsOf,
  blocksIn,
  blocksOf,
  DOCUMENTS,
  filesOf,
  linksOf,
  missingPart,
  ROOT,
  read,
  sourcesOf,
} from './support/documents.ts';
import { requireTools } from './support/tools.ts';
import { stepsAndExpectations, topologyReference, wordsOf } from './support/topology-reference.ts';

const REFRESH = process.env.UPDATE_GOLDEN === '1';

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

test('the JSON Schema beside the topologies is that of the code', () => {
  const path = 'topologies/topology.schema.json';
  holdTo(path, read(path), `${JSON.stringify(topologyJsonSchema(), null, 2)}\n`);
});

test('the JSON Schema of reports is that of the code', () => {
  const path = 'docs/reference/report.schema.json';
  holdTo(path, read(path), `${JSON.stringify(reportJsonSchema(), null, 2)}\n`);
});

test('the topology reference is that of the schema', () => {
  const path = 'topologies/REFERENCE.md';
  const reference = topologyReference(topologyJsonSchema(), SYSCTL_NAMES);
  const missing = [...wordsOf(topologyJsonSchema())].filter(
    (word) => !reference.includes(`\`${word}\``),
  );
  expect(missing, 'every key and word of the schema is in the reference').toEqual([]);
  holdTo(path, read(path), reference);
});

/** The console blocks of all documents whose command begins so: document, command, whole block. */
function consoleBlocks(program: string): [string, string, string][] {
  return DOCUMENTS.flatMap((path) =>
    blocksIn(path, 'console')
      .map((block): [string, string, string] => [path, block.split('\n')[0] ?? '', block])
      .filter(([, command]) => command.startsWith(`$ ${program} `)),
  );
}

/** Only the time on the wall may differ between two runs. */
function masked(text: string): string {
  return text.replace(/ in \d+\.\d\d s$/gm, ' in N s');
}

/** Compares what a block shows with what was printed; `…` lines stand for what is left out. */
function holdBlock(path: string, block: string, printed: string): void {
  if (block.includes('\n…\n')) {
    const missing = missingPart(masked(block), masked(printed));
    expect(missing, `${path} shows what is not printed`).toBeNull();
  } else if (masked(block) !== masked(printed)) {
    holdTo(path, block, printed);
  }
}

describe('what documents show is what is printed', () => {
  test.each(consoleBlocks('npx egresslab'))('%s: %s', async (path, command, block) => {
    const directory = mkdtempSync(join(tmpdir(), 'egresslab-docs-'));
    symlinkSync(join(ROOT, 'topologies'), join(directory, 'topologies'));
    // Runs write captures; explaining only reads them.
    if (command.includes(' explain captures/')) {
      symlinkSync(join(ROOT, 'captures'), join(directory, 'captures'));
    }
    for (const [name, text] of filesOf(path)) writeFileSync(join(directory, name), text);
    try {
      const io = fakeIo({ workingDirectory: directory });
      const argv = command.replace(/^\$ npx egresslab /, '').split(' ');
      await run(argv, io, runScenario);
      // kubectl prints blanks at line ends, documents have none.
      const printed = `${command}\n${io.out()}${io.err()}`.replace(/ +$/gm, '');
      holdBlock(path, block, printed);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  const { skip, remark } = requireTools('tshark');
  describe.skipIf(skip)(`tshark${remark}`, () => {
    test.each(consoleBlocks('tshark'))('%s: %s', (path, command, block) => {
      const { stdout } = spawnSync('sh', ['-c', command.slice(2)], { cwd: ROOT, encoding: 'utf8' });
      holdBlock(path, block, `${command}\n${stdout}`);
    });
  });

  test('every console block is one of these', () => {
    const all = DOCUMENTS.flatMap((path) => blocksIn(path, 'console'));
    const known = ['npx egresslab', 'tshark'].flatMap(consoleBlocks);
    expect(known.map(([, , block]) => block).sort()).toEqual([...all].sort());
  });
});

describe('what documents ask for', () => {
  test.each(
    DOCUMENTS.flatMap((path) =>
      blocksIn(path, 'yaml').map((block, index) => [path, index + 1, block] as const),
    ),
  )('%s: the topology in block %i is valid', (path, _index, block) => {
    expect(parseTopology(block, { file: path }).diagnostics).toEqual([]);
  });

  const typed = DOCUMENTS.flatMap((path) =>
    blocksOf(path)
      .filter(({ language }) => ['sh', 'shell-session', 'console'].includes(language))
      .flatMap(({ text }) => [...text.matchAll(/(?:npx|sudo|\$) egresslab ([^\n|;&)]*)/g)])
      .map(([, words = '']) => [path, words.trim()] as const),
  );

  test.each(typed)(
    '%s: egresslab %s names a command and options that are there',
    async (_, words) => {
      const [name = '', ...rest] = words.split(' ');
      if (name.startsWith('-')) return;
      expect(commands.map((command) => command.name)).toContain(name);
      if (name === 'oc') return;
      const io = fakeIo();
      await run([name, '--help'], io, runScenario);
      for (const option of rest.filter((word) => word.startsWith('--'))) {
        expect(io.out()).toContain(`${option} `);
      }
    },
  );

  test('every npm script that is named is there', () => {
    const { scripts } = JSON.parse(read('package.json'));
    for (const path of DOCUMENTS) {
      for (const [, name = ''] of read(path).matchAll(/npm run (?:-s )?([a-z:-]+)/g)) {
        expect(Object.keys(scripts), path).toContain(name);
      }
    }
  });
});

describe('the documents are complete', () => {
  test('README is short', () => {
    expect(read('README.md').split('\n').length).toBeLessThanOrEqual(251);
  });

  test('ARCHITECTURE is read beside the code: no line is longer than a line of code', () => {
    const long = read('src/ARCHITECTURE.md')
      .split('\n')
      .filter((line) => line.length > 100);
    expect(long).toEqual([]);
  });

  test('decisions are numbered and dated, in order', () => {
    const [, ...entries] = read('docs/explanation/decisions.md').split(/^## /m);
    expect(entries.map((entry) => Number.parseInt(entry, 10))).toEqual(
      entries.map((_, i) => i + 1),
    );
    const dates = entries.map((entry) => /\n\n(\d{4}-\d\d-\d\d)\. /.exec(entry)?.[1]);
    expect(dates).not.toContain(undefined);
    expect(dates).toEqual([...dates].sort());
  });

  test('every page of docs/ is in its index', () => {
    const linked = linksOf('docs/README.md').map(({ path }) => path);
    const pages = DOCUMENTS.filter((path) => path.startsWith('docs/') && path !== 'docs/README.md');
    expect(pages.filter((path) => !linked.includes(path))).toEqual([]);
  });

  test('every step and every expectation is in its table', () => {
    for (const [group, names] of Object.entries(stepsAndExpectations(topologyJsonSchema()))) {
      const [, table = ''] = read('docs/reference/steps.md').split(`\n| ${group} |`);
      const cells = table.split('\n\n')[0]?.matchAll(/^\| (`[^|]*) \|/gm) ?? [];
      const named = [...cells].flatMap(([, cell = '']) => [...cell.matchAll(/`(\w+)`/g)]);
      expect(named.map(([, name]) => name).sort(), group).toEqual([...names].sort());
    }
  });

  test('every included lab is in the table, and no other', () => {
    const named = [...read('docs/reference/labs.md').matchAll(/^\| `([a-z0-9-]+)` \|/gm)];
    expect(named.map((row) => row[1]).sort()).toEqual(shippedTopologies().map(({ name }) => name));
    expect(read('README.md')).toContain(`[${named.length} included labs]`);
  });

  test('every command has its help in the reference, and no other', () => {
    const headings = [...read('docs/reference/cli.md').matchAll(/^## ([a-z]+)$/gm)];
    expect(headings.map(([, name]) => name).sort()).toEqual(
      commands.map(({ name }) => name).sort(),
    );
  });

  test.each(DOCUMENTS.flatMap((path) => sourcesOf(path).map(([file]) => [path, file] as const)))(
    '%s shows %s as it is',
    (path, file) => {
      const shown = new Map(sourcesOf(path)).get(file);
      holdTo(path, shown ?? '', read(file));
    },
  );

  test('every program in the documents is a file that runs', () => {
    // The API report holds declarations; test/package holds it to the code.
    const pages = DOCUMENTS.filter((path) => path !== 'docs/reference/api-report.md');
    const programs = pages.flatMap((path) => blocksIn(path, 'ts'));
    const shown = DOCUMENTS.flatMap((path) => sourcesOf(path).map(([, text]) => text));
    expect(programs.filter((program) => !shown.includes(program))).toEqual([]);
  });
});

test('what is said to show a row of the matrix is there', () => {
  const [, matrix = ''] = read('docs/explanation/model-and-limits.md').split(
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

describe('the words of the style page', () => {
  // File names of the kernel keep their spelling.
  const AVOIDED =
    /\bcan not\b|\bneighbours?\b(?!\.[ch]\b)|\bbehaviours?\b|\bfor ever\b|\bnobody's\b/i;
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => `src/${path}`);

  test.each([
    ['documents', DOCUMENTS.filter((path) => path !== '.github/CONTRIBUTING.md')],
    ['code', sources],
  ])('hold in %s', (_, paths) => {
    const lines = paths.flatMap((path) =>
      read(path)
        .split('\n')
        .map((line, index) => `${path}:${index + 1}: ${line}`),
    );
    expect(lines.filter((line) => AVOIDED.test(line))).toEqual([]);
  });
});

describe('what documents point at is there', () => {
  const GUIDES = [
    '.github/CONTRIBUTING.md',
    'docs/explanation/decisions.md',
    'src/ARCHITECTURE.md',
    'src/REFERENCE.md',
  ];

  test.each(DOCUMENTS)('the files that %s names', (document) => {
    const named = read(document).matchAll(/`((?:\.?[a-z][a-z0-9-]*\/)+[a-z0-9-]*(?:\.[a-z.]+)?)`/g);
    // `egresslab/vitest` is an entry of the package.
    const paths = [...named]
      .map(([, path = '']) => path)
      .filter((path) => !path.startsWith('egresslab/'));
    // Guides name files as they are called within src/; in the others `db/eth0` is a port.
    const strict = GUIDES.includes(document);
    const files = strict
      ? paths
      : paths.filter((path) => /^(src|test|docs|captures|examples|topologies)\//.test(path));
    // A walk through a fabric names its parts as they are called within one.
    const tops = strict ? ['', 'src', 'src/fabric/openshift-sdn'] : [''];
    expect(files.filter((path) => !tops.some((top) => existsSync(join(ROOT, top, path))))).toEqual(
      [],
    );
  });

  test.each(DOCUMENTS)('the files and headings that %s links to', (document) => {
    for (const { path, anchor } of linksOf(document)) {
      expect(existsSync(join(ROOT, path)), `${document} → ${path}`).toBe(true);
      if (anchor !== null) expect(anchorsOf(path), `${document} → ${path}`).toContain(anchor);
    }
  });
});

describe('what GitHub reads', () => {
  test('the workflow runs what every machine runs', () => {
    const { jobs } = parseYaml(read('.github/workflows/ci.yml'));
    const commands = jobs.test.steps.map(({ run = '' }: { run?: string }) => run);
    expect(commands.at(-1)).toMatch(/ \.ci\/run$/);
    expect(existsSync(join(ROOT, '.ci/run'))).toBe(true);
  });

  test.each(['bug', 'not-like-linux', 'idea'])('the issue form "%s" asks with labels', (name) => {
    const form = parseYaml(read(`.github/ISSUE_TEMPLATE/${name}.yml`));
    expect(form).toMatchObject({ name: expect.any(String), description: expect.any(String) });
    const fields: { id?: string; type: string; attributes: { label?: string } }[] = form.body;
    const asked = fields.filter(({ type }) => type !== 'markdown');
    expect(new Set(asked.map(({ id }) => id)).size).toBe(asked.length);
    for (const { attributes } of asked) expect(attributes.label).not.toBe('');
  });
});
