// Wireshark's folder for programs of the user's own that offer interfaces, and our program in it.

import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { EgressLabError } from '../base/errors.ts';
import { shellWord } from '../base/shell-word.ts';
import { errnoOf, explainErrno } from './errno.ts';

/** By this a launcher is known to be ours. */
const MARK = 'Made by egresslab: shows the labs that run to Wireshark.';
const NAME = process.platform === 'win32' ? 'egresslab.bat' : 'egresslab';
const PATIENCE_MILLISECONDS = 10_000;

/** What a launcher answers itself: Wireshark asks so once for each interface. */
export interface LauncherAnswers {
  readonly linkTypes: readonly string[];
  readonly configuration: readonly string[];
}

/** Where Wireshark looks: as tshark says, or as its manual does since Wireshark 4.2. */
export async function extcapFolder(): Promise<string> {
  const folders = await foldersOfTshark();
  const personal = folders.get('Personal Extcap path');
  if (personal !== undefined) return personal;
  const configuration = folders.get('Personal configuration');
  if (configuration !== undefined) return join(configuration, 'extcap');
  return join(homedir(), '.local/lib/wireshark/extcap');
}

/**
 * Writes the launcher; returns its path. @throws EgressLabError EGL_FILE_EXISTS for another program of that name,
 * EGL_FILE_UNWRITABLE
 */
export function installLauncher(folder: string, answers: LauncherAnswers): string {
  const path = join(folder, NAME);
  refuseForeign(path);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, launcher(answers));
    chmodSync(path, 0o755);
  } catch (cause) {
    throw unwritable(path, cause);
  }
  return path;
}

/** Removes the launcher; null when there is none. @throws EgressLabError as `installLauncher` */
export function removeLauncher(folder: string): string | null {
  const path = join(folder, NAME);
  if (!refuseForeign(path)) return null;
  try {
    rmSync(path);
  } catch (cause) {
    throw unwritable(path, cause);
  }
  return path;
}

/** Whether ours is there. */
function refuseForeign(path: string): boolean {
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return false;
    throw unwritable(path, cause);
  }
  if (text.includes(MARK)) return true;
  throw new EgressLabError('EGL_FILE_EXISTS', `${path} exists and is not of egresslab`, {
    hint: 'Move it away, or name another folder with --folder.',
  });
}

function unwritable(path: string, cause: unknown): EgressLabError {
  return new EgressLabError(
    'EGL_FILE_UNWRITABLE',
    `cannot change ${path}: ${explainErrno(cause)}`,
    { hint: 'Name another folder with --folder.', fault: 'environment', cause },
  );
}

function launcher({ configuration, linkTypes }: LauncherAnswers): string {
  const [node = '', main = ''] = [process.execPath, process.argv[1]];
  if (process.platform === 'win32') {
    return `@echo off\r\nrem ${MARK}\r\n"${node}" "${main}" extcap %*\r\n`;
  }
  const say = (lines: readonly string[]): string =>
    lines.map((line) => `echo ${shellWord(line)}`).join('; ');
  return `#!/bin/sh
# ${MARK}
# Remove it with: egresslab extcap --uninstall
case " $* " in
  *" --extcap-dlts "*) ${say(linkTypes)}; exit 0 ;;
  *" --extcap-config "*) ${say(configuration)}; exit 0 ;;
esac
exec ${shellWord(node)} ${shellWord(main)} extcap "$@"
`;
}

/** What 'tshark -G folders' says; empty without tshark. */
function foldersOfTshark(): Promise<Map<string, string>> {
  return new Promise((resolve) => {
    execFile('tshark', ['-G', 'folders'], { timeout: PATIENCE_MILLISECONDS }, (_error, stdout) => {
      const lines = stdout.split('\n').map((line) => line.split(':\t'));
      resolve(new Map(lines.map(([name = '', path = '']) => [name.trim(), path.trim()])));
    });
  });
}
