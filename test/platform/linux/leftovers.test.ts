// What a killed lab has left is removed by the next, and nothing else is.

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Leftovers, startTimeOf } from '../../../src/platform/linux/leftovers.ts';
import {
  createNamespace,
  deleteNamespace,
  namespaceExists,
  namespaceIdentity,
} from '../../../src/platform/linux/network-namespace.ts';
import { requireKernel } from '../../support/kernel.ts';

const kernel = requireKernel();
/** No process has it: it is above PID_MAX_LIMIT. */
const DEAD = 2 ** 22 + 1;

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'egresslab-leftovers-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function note(file: string, ledger: unknown): void {
  writeFileSync(
    join(directory, file),
    typeof ledger === 'string' ? ledger : JSON.stringify(ledger),
  );
}

test('the start of a process is known while it lives', () => {
  expect(startTimeOf(process.pid)).toMatch(/^\d+$/);
  expect(startTimeOf(process.pid)).toBe(startTimeOf(process.pid));
  expect(startTimeOf(DEAD)).toBe(null);
});

describe('a list', () => {
  test('of a process that lives stays; of a dead one, or its successor by number, it goes', () => {
    const { pid } = process;
    note('mine.json', { pid, startTime: startTimeOf(pid), namespaces: [] });
    note('successor.json', { pid, startTime: '1', namespaces: [] });
    note('dead.json', { pid: DEAD, startTime: '1', namespaces: [{ name: 'eglt-none', inode: 1 }] });
    expect(new Leftovers(directory).removeThoseOfTheDead()).toEqual([]);
    expect(readdirSync(directory)).toEqual(['mine.json']);
  });

  test('that is none is nobody’s business', () => {
    note('half.json', '{"pid": 1');
    note('other.json', '[]');
    note('strange.json', { pid: 'x', startTime: 1, namespaces: {} });
    note('notes.txt', { pid: DEAD, startTime: '1', namespaces: [] });
    new Leftovers(directory).removeThoseOfTheDead();
    expect(readdirSync(directory)).toHaveLength(4);
  });

  test('is not looked for where there is no directory', () => {
    const missing = join(directory, 'missing');
    expect(new Leftovers(missing).removeThoseOfTheDead()).toEqual([]);
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe.skipIf(kernel.skip)(`a namespace${kernel.remark}`, () => {
  const name = `eglt${process.pid}left`;
  beforeEach(() => createNamespace(name));
  afterEach(() => deleteNamespace(name));

  test('that was made is noted for its owner only, and removed at the end', async () => {
    deleteNamespace(name);
    const state = join(directory, 'state');
    const leftovers = new Leftovers(state);
    leftovers.makeNamespace(name);
    expect(statSync(state).mode & 0o777).toBe(0o700);
    const [file = ''] = readdirSync(state);
    expect(file).toBe(`${process.pid}.json`);
    expect(JSON.parse(readFileSync(join(state, file), 'utf8'))).toEqual({
      pid: process.pid,
      startTime: startTimeOf(process.pid),
      namespaces: [{ name, inode: namespaceIdentity(name), notedAt: expect.any(Number) }],
    });
    await leftovers.removeOwn();
    expect(namespaceExists(name)).toBe(false);
    expect(readdirSync(state)).toEqual([]);
    await leftovers.removeOwn();
  });

  test('of a dead process is removed, and told', () => {
    const inode = namespaceIdentity(name);
    note('dead.json', { pid: DEAD, startTime: '1', namespaces: [{ name, inode }] });
    expect(new Leftovers(directory).removeThoseOfTheDead()).toEqual([name]);
    expect(namespaceExists(name)).toBe(false);
  });

  test('that a process was making when it was killed is removed, and one that others made later is not', () => {
    const dead = (notedAt: number): object => ({
      pid: DEAD,
      startTime: '1',
      namespaces: [{ name, inode: null, notedAt }],
    });
    note('dead.json', dead(Date.now() - 60_000));
    expect(new Leftovers(directory).removeThoseOfTheDead()).toEqual([]);
    note('dead.json', dead(Date.now() - 100));
    writeFileSync(join(directory, `${DEAD}.json.draft`), '');
    expect(new Leftovers(directory).removeThoseOfTheDead()).toEqual([name]);
    expect(readdirSync(directory)).toEqual([]);
  });

  test('that only has the name of one is left alone', () => {
    note('dead.json', { pid: DEAD, startTime: '1', namespaces: [{ name, inode: 1 }] });
    expect(new Leftovers(directory).removeThoseOfTheDead()).toEqual([]);
    expect(namespaceExists(name)).toBe(true);
  });
});
