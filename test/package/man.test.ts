// The man page is made from the parser: every command and option that there is stands in it.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { commands } from '../../src/cli/commands/index.ts';

test('the man page has every command with its options, in troff that says what was meant', () => {
  const directory = mkdtempSync(join(tmpdir(), 'egresslab-man-'));
  const script = resolve(import.meta.dirname, '../../build/man.mjs');
  execFileSync(process.execPath, [script, directory]);
  const page = readFileSync(join(directory, 'egresslab.1'), 'utf8');
  rmSync(directory, { recursive: true });
  expect(page).toMatch(/^\.TH EGRESSLAB 1 /);
  for (const { name, optionNames } of commands) {
    const [, chapter = ''] = page.split(`.SS ${name}\n`);
    const own = chapter.split('\n.SS ')[0];
    for (const option of optionNames) {
      expect(own, name).toContain(`\\-\\-${option.replaceAll('-', '\\-')}`);
    }
  }
  // What begins a line of text with a dot would be a request.
  const requests = new Set(
    page.split('\n').flatMap((line) => /^\.([A-Za-z]+)/.exec(line)?.[1] ?? []),
  );
  expect([...requests].sort()).toEqual(['B', 'I', 'RI', 'SH', 'SS', 'TH', 'fi', 'nf']);
});
