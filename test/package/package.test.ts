// The package as its users get it: built, packed, installed into an empty project, compiled and run there.

import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiReport, unnamedTypes } from '../../build/api-report.mjs';

const ROOT = resolve(import.meta.dirname, '../..');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const workspace = mkdtempSync(join(tmpdir(), 'egresslab-package-'));
/** The package's files before they are packed, and the project that installs it. */
const stage = join(workspace, 'stage');
const project = join(workspace, 'project');
const installed = join(project, 'node_modules/egresslab');

const PROGRAM = `
import { createLab, type Lab, type LabEvent, type RunReport, runScenario } from 'egresslab';
import { arp, type Frame } from 'egresslab/wire';

const lab: Lab = createLab({ name: 'empty', segments: { lan: { subnet: '10.0.0.0/24' } } });
lab.advance('1s');
export const kinds: LabEvent['kind'][] = lab.events.map(({ kind }) => kind);
export const sender = (frame: Frame, at: number): number => arp.senderIp(frame, at);
export const report: Promise<RunReport> = runScenario(lab.topology);
console.log(lab.now);
`;

const SUITE = `
import type { RunReport } from 'egresslab';
import { labTest } from 'egresslab/vitest';
import { expect } from 'vitest';

const test = labTest({ name: 'empty', segments: { lan: { subnet: '10.0.0.0/24' } } }, { advance: '1s' });
test('an empty lab', ({ lab, capture }) => {
  expect(lab).not.toHoldAddress('10.0.0.1');
  expect(capture).not.toHaveFrame({ arp: { operation: 'reply' } }, { within: '2s' });
  // @ts-expect-error: there is no such operation
  expect(capture).not.toHaveFrame({ arp: { operation: 'answer' } });
});
export const holds = (report: RunReport): void => expect(report).toHoldExpectations();
`;

function run(command: string, args: readonly string[], cwd: string): string {
  try {
    return execFileSync(command, args, {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    throw new Error(`${command} ${args.join(' ')}\n${stdout}${stderr}`);
  }
}

/** All files below a directory, relative to it. */
function filesOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' });
}

beforeAll(() => {
  mkdirSync(project);
  mkdirSync(stage);
  const output = join(stage, 'dist');
  // Not into dist/, which other tests run from.
  run(process.execPath, [TSC, '-p', 'tsconfig.build.json', '--outDir', output], ROOT);
  run(process.execPath, ['build/prune-declarations.mjs', output], ROOT);
  run(process.execPath, ['build/program.mjs', output], ROOT);
  run(process.execPath, ['build/web.mjs', join(output, 'web')], ROOT);
  const manifest: Record<string, unknown> = JSON.parse(
    readFileSync(join(ROOT, 'package.json'), 'utf8'),
  );
  for (const path of ['topologies', 'README.md', 'LICENSE', 'CHANGELOG.md', 'package.json']) {
    cpSync(join(ROOT, path), join(stage, path), { recursive: true });
  }
  const [packed = ''] = run('npm', ['pack', '--ignore-scripts', '--silent'], stage)
    .trim()
    .split('\n');
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }');
  const tarball = join(stage, packed);
  const quietly = [
    '--omit=optional',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
  ];
  run('npm', ['install', ...quietly, tarball], project);
  expect(manifest.name).toBe('egresslab');
  writeFileSync(join(project, 'program.ts'), PROGRAM);
}, 120_000);

afterAll(() => {
  rmSync(workspace, { recursive: true, force: true });
});

describe('the face', () => {
  test('every type that an entry reaches has an exported name', () => {
    expect(unnamedTypes(join(installed, 'dist'))).toEqual([]);
  });

  test('the report under version control is the one of this build; `npm run api-report` writes it', async () => {
    await expect(apiReport(join(installed, 'dist'))).toMatchFileSnapshot(
      '../../docs/reference/api-report.md',
    );
  });

  test('each export says what it is', () => {
    const silent = filesOf(join(installed, 'dist'))
      .filter((path) => path.endsWith('.d.ts'))
      .flatMap((path) => {
        const text = readFileSync(join(installed, 'dist', path), 'utf8');
        return [
          ...text.matchAll(
            /(\*\/\n)?^export (?:declare )?(?:abstract )?(?:interface|class|type|function|const) (\w+)/gm,
          ),
        ]
          .filter(([, comment]) => comment === undefined)
          .map(([, , name]) => `${path}: ${name}`);
      });
    expect(silent).toEqual([]);
  });
});

describe('in a new project', () => {
  test.each([
    ['ES2022', 'nodenext'],
    ['ES2022', 'bundler'],
    ['ESNext', 'nodenext'],
    ['ESNext', 'bundler'],
  ])('target %s and resolution %s compile, libraries checked', (target, moduleResolution) => {
    const module = moduleResolution === 'nodenext' ? 'nodenext' : 'esnext';
    const options = ['--strict', '--skipLibCheck', 'false', '--noEmit', '--types', ''];
    const how = ['--target', target, '--module', module, '--moduleResolution', moduleResolution];
    const lib = ['--lib', `${target.toLowerCase()},dom`];
    run(process.execPath, [TSC, ...options, ...how, ...lib, 'program.ts'], project);
  });

  test('the main entry runs without vitest', () => {
    expect(readdirSync(join(project, 'node_modules'))).not.toContain('vitest');
    const code =
      "import { createLab } from 'egresslab'; import 'egresslab/wire'; console.log(typeof createLab);";
    expect(run(process.execPath, ['--input-type=module', '-e', code], project)).toBe('function\n');
    expect(() =>
      run(process.execPath, ['--input-type=module', '-e', "import 'egresslab/vitest'"], project),
    ).toThrow(/Cannot find package 'vitest'/);
  });

  test('nothing inside can be imported', () => {
    const code = "import 'egresslab/dist/lab/lab.js'";
    expect(() => run(process.execPath, ['--input-type=module', '-e', code], project)).toThrow(
      /ERR_PACKAGE_PATH_NOT_EXPORTED/,
    );
  });

  test('shipped topologies are found by name', () => {
    const code = "console.log(import.meta.resolve('egresslab/topologies/automatic.yaml'))";
    const found = run(process.execPath, ['--input-type=module', '-e', code], project);
    expect(found.trim().endsWith('/egresslab/topologies/automatic.yaml')).toBe(true);
  });

  test('the program starts', () => {
    expect(run('npx', ['--no-install', 'egresslab', 'list'], project)).toContain('automatic');
  });

  test('a run becomes a page', () => {
    run(
      'npx',
      ['--no-install', 'egresslab', 'run', 'garp-lost', '--no-capture', '--html', 'run.html'],
      project,
    );
    expect(readFileSync(join(project, 'run.html'), 'utf8')).toContain('garp-lost');
  });

  test('with vitest the matchers have types', () => {
    const suite = join(workspace, 'suite');
    mkdirSync(join(suite, 'node_modules'), { recursive: true });
    cpSync(installed, join(suite, 'node_modules/egresslab'), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules/vitest'), join(suite, 'node_modules/vitest'));
    writeFileSync(join(suite, 'package.json'), '{ "private": true, "type": "module" }');
    writeFileSync(join(suite, 'suite.test.ts'), SUITE);
    // The types of vitest itself name those of Node.
    symlinkSync(join(ROOT, 'node_modules/@types'), join(suite, 'node_modules/@types'));
    const options = ['--strict', '--skipLibCheck', 'false', '--noEmit', '--types', 'node'];
    const how = ['--target', 'ES2022', '--module', 'nodenext', '--moduleResolution', 'nodenext'];
    const lib = ['--lib', 'es2022,dom'];
    run(process.execPath, [TSC, ...options, ...how, ...lib, 'suite.test.ts'], suite);
  });
});
