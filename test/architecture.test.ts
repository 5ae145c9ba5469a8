// The layering rule of src/ARCHITECTURE.md, read off the imports themselves.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const SOURCE = resolve(import.meta.dirname, '../src');

/** Top layer first: a file imports from its own folder and from those behind it in this list. */
const LAYERS =
  'web cli testing platform public explain explore scenario view lab topology cluster fabric schema apps kube nat stack capture link sim wire base'.split(
    ' ',
  );
/** The rooms of `kube`, top first; '.' is a file directly in it. */
const KUBE = 'oc controllers client server kinds .'.split(' ');
/** Decides and never touches a frame. */
const CONTROL_PLANE = /^(kube|fabric\/[a-z-]+\/control)\//;
const DATA_PLANE = new Set(['link', 'capture', 'stack', 'nat']);
/**
 * The two of the language itself that would make a run differ from the next. Timers, Node's clocks and
 * modules do not compile in the core at all (tsconfig.core.json, test/environments.test.ts).
 */
const NOT_REPRODUCIBLE = /\b(Date|Math\.random)\b/;
const TOUCHES_THE_MACHINE = new Set(['web', 'cli', 'platform', 'testing', '.']);
/** Where the scheduler alone decides what comes next. */
const SYNCHRONOUS = new Set(LAYERS.slice(LAYERS.indexOf('topology')));
const WAITS = /\b(Promise|async|await)\b/;

interface SourceFile {
  readonly path: string;
  readonly folder: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const files: readonly SourceFile[] = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path))
  .sort()
  .map((path) => {
    const text = readFileSync(join(SOURCE, path), 'utf8');
    const specifiers = text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g);
    return {
      path,
      folder: roomOf(path),
      text,
      imports: [...specifiers].map((match) => match[1] ?? ''),
    };
  });

/** The folder under src that a relative import leads to; '.' for a file directly in src. */
function folderOf(file: SourceFile, specifier: string): string {
  return roomOf(relative(SOURCE, resolve(SOURCE, dirname(file.path), specifier)));
}

/** Where the files of `file` lead to, type imports included. */
function targetsOf(file: SourceFile): string[] {
  return file.imports
    .filter((name) => name.startsWith('.'))
    .map((name) => relative(SOURCE, resolve(SOURCE, dirname(file.path), name)));
}

function roomOf(path: string): string {
  return path.includes('/') ? (path.split('/')[0] ?? '') : '.';
}

/** 'oc' of 'kube/oc/get.ts', '.' of 'kube/json.ts'. */
function innerRoomOf(path: string): string {
  const [, room = '', ...file] = path.split('/');
  return file.length === 0 ? '.' : room;
}

/** Source without comments and string contents: only code can break a rule about code. */
function codeOf(text: string): string {
  return text
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/\/\/.*$/gm, '')
    .replaceAll(/'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g, "''");
}

/** 'sim/scheduler.ts: Date' for each file of `where` whose code matches. */
function found(pattern: RegExp, where: (file: SourceFile) => boolean): string[] {
  return files.filter(where).flatMap((file) => {
    const match = pattern.exec(codeOf(file.text));
    return match === null ? [] : [`${file.path}: ${match[0]}`];
  });
}

/**
 * The strongly connected components of a graph that hold an edge (Tarjan 1972), each sorted, and so
 * among each other.
 */
function circlesOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[][] = [];
  const visit = (node: string): number => {
    order.set(node, order.size);
    let low = order.get(node) ?? 0;
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!order.has(next)) low = Math.min(low, visit(next));
      else if (stack.includes(next)) low = Math.min(low, order.get(next) ?? low);
    }
    if (low !== order.get(node)) return low;
    const component = stack.splice(stack.indexOf(node));
    const isCircle = component.length > 1 || (graph.get(node) ?? []).includes(node);
    if (isCircle) circles.push(component.sort());
    return low;
  };
  for (const node of graph.keys()) if (!order.has(node)) visit(node);
  return circles.sort((a, b) => ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1));
}

describe('the layering rule', () => {
  test('every folder of src is a layer', () => {
    const folders = new Set(files.map((file) => file.folder).filter((folder) => folder !== '.'));
    expect([...folders].filter((folder) => !LAYERS.includes(folder))).toEqual([]);
  });

  test('src/ARCHITECTURE.md draws the same list', () => {
    const drawing = readFileSync(join(SOURCE, 'ARCHITECTURE.md'), 'utf8').split('```')[1] ?? '';
    expect([...drawing.matchAll(/│ ([a-z]+) /g)].map(([, room]) => room)).toEqual(LAYERS);
  });

  test('imports point down the list only', () => {
    const wrong: string[] = [];
    for (const file of files) {
      if (file.folder === '.') continue;
      for (const specifier of file.imports.filter((name) => name.startsWith('.'))) {
        const target = folderOf(file, specifier);
        if (target === file.folder) continue;
        if (LAYERS.indexOf(target) < LAYERS.indexOf(file.folder)) {
          wrong.push(`${file.path} imports ${specifier}: ${target} is above ${file.folder}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test('inside kube, commands stand on controllers, clients, the server and the kinds, in that order', () => {
    const wrong: string[] = [];
    for (const file of files.filter(({ folder }) => folder === 'kube')) {
      for (const specifier of file.imports.filter((name) => name.startsWith('.'))) {
        const target = relative(SOURCE, resolve(SOURCE, dirname(file.path), specifier));
        if (!target.startsWith('kube/')) continue;
        if (KUBE.indexOf(innerRoomOf(target)) < KUBE.indexOf(innerRoomOf(file.path))) {
          wrong.push(`${file.path} imports ${target}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test('neither the API nor the platform names the kinds of a fabric; oc has its examples', () => {
    const wrong = files
      .filter(({ path }) => /^(kube|platform)\//.test(path) && !path.startsWith('kube/oc/'))
      .filter(({ text }) => /HostSubnet|NetNamespace|VNID/i.test(text));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  test('the control plane does not know the data plane', () => {
    const wrong: string[] = [];
    for (const file of files.filter(({ path }) => CONTROL_PLANE.test(path))) {
      for (const specifier of file.imports.filter((name) => name.startsWith('.'))) {
        if (DATA_PLANE.has(folderOf(file, specifier))) wrong.push(`${file.path}: ${specifier}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('nothing in the core reads a clock or draws chance of its own', () => {
    expect(found(NOT_REPRODUCIBLE, ({ folder }) => !TOUCHES_THE_MACHINE.has(folder))).toEqual([]);
  });

  test('below lab nothing waits', () => {
    expect(found(WAITS, ({ folder }) => SYNCHRONOUS.has(folder))).toEqual([]);
  });
});

describe('what a command line loads before it is read', () => {
  test('is no network, no stack and no lab: commands load what they use when they are used', () => {
    const values = ({ path, text }: SourceFile): string[] =>
      [...text.matchAll(/^(?:import|export)(?! type)\b[^;]*?from '(\.[^']+)';/gm)].map(
        ([, name = '']) => relative(SOURCE, resolve(SOURCE, dirname(path), name)),
      );
    const byPath = new Map(files.map((file) => [file.path, file]));
    const loaded = new Set(['cli/run.ts']);
    for (const path of loaded) {
      const file = byPath.get(path);
      if (file !== undefined) for (const next of values(file)) loaded.add(next);
    }
    expect(loaded).toContain('cli/parser.ts');
    const heavy = ['fabric/index.ts', 'stack/stack.ts', 'lab/lab.ts', 'scenario/session.ts'];
    expect(heavy.filter((path) => loaded.has(path))).toEqual([]);
  });
});

describe('import circles', () => {
  test('do not exist, type imports included', () => {
    expect(circlesOf(new Map(files.map((file) => [file.path, targetsOf(file)])))).toEqual([]);
  });

  test('are found, however long, and nothing else is', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['c', 'd']],
      ['c', ['a']],
      ['d', ['e']],
      ['e', ['e']],
      ['f', ['a', 'd']],
    ]);
    expect(circlesOf(graph)).toEqual([['a', 'b', 'c'], ['e']]);
  });
});

describe('adding things takes one line', () => {
  /** The lists of src/ARCHITECTURE.md, "Adding things", with what their members are defined by. */
  const LISTS: readonly (readonly [list: string, definition: string])[] = [
    ['apps/service.ts', 'apps/application.ts'],
    ['capture/formats/index.ts', 'capture/sink.ts'],
    ['cli/commands/index.ts', 'cli/commands/command.ts'],
    ['fabric/index.ts', 'fabric/fabric.ts'],
    ['scenario/expectations/index.ts', 'topology/expectations/kinds.ts'],
    ['scenario/steps/index.ts', 'topology/steps/kinds.ts'],
  ];

  test.each(LISTS)('what %s lists is imported there and nowhere else', (list, definition) => {
    const listed = files
      .filter(({ path }) => path === list)
      .flatMap(targetsOf)
      .filter((path) => path.startsWith(`${dirname(list)}/`) && path !== definition);
    expect(listed).not.toEqual([]);
    const elsewhere = files
      .filter(({ path }) => path !== list)
      .flatMap((file) => targetsOf(file).map((path) => [file.path, path] as const))
      .filter(([, path]) => listed.includes(path));
    expect(elsewhere).toEqual([]);
  });

  /** What shows that each entry of "Adding things" is true: it adds one, or finds the list complete. */
  const PROOFS: Readonly<Record<string, string>> = {
    'A cluster network': 'fabric/contract.test.ts',
    'A daemon of a cluster network': 'support/static-fabric/agent.ts',
    'A kind of API object': 'kube/kinds/registry.test.ts',
    'A scenario step': 'topology/steps.test.ts',
    'An expectation': 'topology/expectations.test.ts',
    'A property': 'topology/properties.test.ts',
    'A table': 'view/tables.test.ts',
    'A service': 'apps/services.test.ts',
    'A capture format': 'contract/capture-format.ts',
    'A CLI command': 'cli/parser.test.ts',
    'A command at a running lab': 'cli/live.test.ts',
    'An event': 'reference.test.ts',
    'A drop reason': 'reference.test.ts',
    'An error code': 'reference.test.ts',
  };

  test('each entry of src/ARCHITECTURE.md has its proof, and names what is there', () => {
    const text = readFileSync(join(SOURCE, 'ARCHITECTURE.md'), 'utf8');
    const [, chapter = ''] = text.split('## Adding things');
    const [entries = ''] = chapter.split('## Decisions');
    const titles = [...entries.matchAll(/^- \*\*(.*?)\*\*/gm)].map(([, title]) => title);
    expect(titles).toEqual(Object.keys(PROOFS));
    const named = [...entries.matchAll(/`([a-z][\w./-]*\/[\w./-]*|REFERENCE\.md)`/g)].map(
      ([, path = '']) => join(SOURCE, path.startsWith('test/') ? '..' : '', path),
    );
    const proofs = Object.values(PROOFS).map((path) => join(import.meta.dirname, path));
    expect([...named, ...proofs].filter((path) => !existsSync(path))).toEqual([]);
  });

  test('whatever makes the rows of a lab stands in the list of tables', () => {
    const list = files.find(({ path }) => path === 'view/tables.ts')?.text ?? '';
    const makers = files
      .filter(({ path }) => path.startsWith('view/'))
      .flatMap(({ text }) => [...text.matchAll(/^export function (\w+Rows)\(/gm)])
      .map(([, name = '']) => name);
    // The log says what happened, not what is.
    expect(makers.filter((name) => !list.includes(name))).toEqual(['eventRows']);
  });

  test.each(LISTS)('src/ARCHITECTURE.md names %s', (list) => {
    expect(readFileSync(join(SOURCE, 'ARCHITECTURE.md'), 'utf8')).toContain(`\`${list}\``);
  });
});

/** Files of a fabric that fabric/index.ts does not list yet. */
function isGrowing(path: string): boolean {
  const list = files.find((file) => file.path === 'fabric/index.ts');
  const [, fabric = ''] = /^fabric\/([a-z-]+)\//.exec(path) ?? [];
  return fabric !== '' && list?.text.includes(`'./${fabric}/index.ts'`) !== true;
}

describe('one meaning a word', () => {
  /** Names that stand in two files for a reason. The list only shrinks. */
  const TWINS: Readonly<Record<string, string>> = {
    Arp: "the protocol of a host; `arp.Arp` is the codec's record, which is read through its namespace",
  };

  /** Name to the files that declare it; a namespace import reads codecs, so their names carry it. */
  function declarations(): ReadonlyMap<string, readonly string[]> {
    const found = new Map<string, string[]>();
    for (const { path, text } of files) {
      const declared = text.matchAll(/^export (?:abstract )?(?:class|interface|type|enum) (\w+)/gm);
      for (const [, name = ''] of declared) found.set(name, [...(found.get(name) ?? []), path]);
    }
    return found;
  }

  /**
   * Three families share names by design: the face wraps what is inside under the same name, codecs are
   * read through their namespaces (`udp.Problem`), and guests of one contract have parts that are called alike.
   */
  function isFamily(paths: readonly string[]): boolean {
    const inside = paths.filter((path) => !path.startsWith('public/'));
    const guests = inside.map((path) => /^fabric\/([a-z-]+)\//.exec(path)?.[1]);
    return (
      inside.length < 2 ||
      inside.every((path) => path.startsWith('wire/')) ||
      (!guests.includes(undefined) && new Set(guests).size === guests.length)
    );
  }

  test('no exported type has the name of another', () => {
    const twins = [...declarations()].filter(([, paths]) => paths.length > 1 && !isFamily(paths));
    expect(twins.filter(([name]) => !(name in TWINS))).toEqual([]);
    // An exception that is no longer needed leaves the list.
    expect(Object.keys(TWINS)).toEqual(twins.map(([name]) => name));
  });
});

describe('the shape of the house', () => {
  test('every file starts by saying what it is', () => {
    const silent = files.filter(
      ({ path, text }) => !/^(#!.*\n)?\/\//.test(text) && path !== 'base/brand.ts',
    );
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  test('every export says what it is', () => {
    const mute = files.flatMap(({ path, text }) => {
      if (isGrowing(path)) return [];
      const lines = text.split('\n');
      return lines.flatMap((line, index) => {
        const name =
          /^export (?:async |abstract )?(?:class|interface|type|const|function) (\w+)/.exec(line);
        const isTypeOfConst =
          text.includes(`export const ${name?.[1]} = `) && /^export type/.test(line);
        const isDocumented = lines[index - 1]?.trim().endsWith('*/') === true;
        return name === null || isTypeOfConst || isDocumented ? [] : [`${path}: ${name[1]}`];
      });
    });
    expect(mute).toEqual([]);
  });

  test('no file is too long to take in at one sitting', () => {
    const long = files.filter(({ text }) => text.split('\n').length > 400);
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  test('no file is dead', () => {
    const reachable = new Set([
      'index.ts',
      'main.ts',
      'platform/explore/worker-thread.ts',
      'public/wire.ts',
      'testing/index.ts',
      'web/live.tsx',
      'web/playground.tsx',
      'web/report.tsx',
      'web/worker/worker.ts',
    ]);
    for (const file of files) {
      for (const specifier of file.imports.filter((name) => name.startsWith('.'))) {
        reachable.add(relative(SOURCE, resolve(SOURCE, dirname(file.path), specifier)));
      }
    }
    expect(files.map(({ path }) => path).filter((path) => !reachable.has(path))).toEqual([]);
  });
});
