// Where running labs leave their names and secrets: a directory that is ours alone, or none.

import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  claimRuntimeDirectory,
  isOursAlone,
  runtimeDirectory,
} from '../../../src/platform/control/runtime-directory.ts';

let given = '';
beforeEach(() => {
  given = mkdtempSync(join(tmpdir(), 'egresslab-runtime-'));
});
afterEach(() => rmSync(given, { recursive: true }));

describe('the runtime directory', () => {
  test('is below the one that the session gives, if that is there', () => {
    expect(runtimeDirectory({ XDG_RUNTIME_DIR: given })).toBe(join(given, 'egresslab'));
    const own = runtimeDirectory({});
    expect(own).toMatch(/egresslab-[^/]+$/);
    expect(runtimeDirectory({ XDG_RUNTIME_DIR: '' })).toBe(own);
    expect(runtimeDirectory({ XDG_RUNTIME_DIR: join(given, 'missing') })).toBe(own);
  });

  test('is made for its owner only, and claimed again by the next lab', () => {
    const path = claimRuntimeDirectory({ XDG_RUNTIME_DIR: given });
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(claimRuntimeDirectory({ XDG_RUNTIME_DIR: given })).toBe(path);
  });

  test.each<readonly [string, (path: string) => void]>([
    ['a file', (path) => writeFileSync(path, '', { mode: 0o600 })],
    [
      'a link, though it leads to a directory of ours',
      (path) => {
        mkdirSync(`${path}-target`, { mode: 0o700 });
        symlinkSync(`${path}-target`, path);
      },
    ],
    [
      'open to the group',
      (path) => {
        mkdirSync(path);
        chmodSync(path, 0o750);
      },
    ],
    [
      'open to all',
      (path) => {
        mkdirSync(path);
        chmodSync(path, 0o701);
      },
    ],
  ])('is refused when it is %s', (_name, make) => {
    const path = join(given, 'egresslab');
    make(path);
    expect(isOursAlone(path)).toBe(false);
    expect(() => claimRuntimeDirectory({ XDG_RUNTIME_DIR: given })).toThrow(
      expect.objectContaining({ code: 'EGL_RUNTIME_DIRECTORY', fault: 'environment' }),
    );
  });

  test('that is not there is nobody’s', () => {
    expect(isOursAlone(join(given, 'missing'))).toBe(false);
  });
});
