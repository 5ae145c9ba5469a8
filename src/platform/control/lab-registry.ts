// The labs that run on this machine under this user. An entry of a lab that was killed is recognized
// (its process is gone, or another process has its number) and removed with everything it names.

import { linkSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { EgressLabError } from '../../base/errors.ts';
import { didYouMean } from '../../base/suggest.ts';
import { KUBECONFIG_MARK, kubeconfigDraft } from '../api-server/kubeconfig.ts';
import { errnoOf } from '../errno.ts';
import { Leftovers } from '../linux/leftovers.ts';
import { type LabEntry, parseEntry } from './lab-entry.ts';
import { isRunning } from './process-start.ts';
import { type EnvironmentVariables, isOursAlone, runtimeDirectory } from './runtime-directory.ts';
import { runtimeDirectoryError, writeSecret } from './secret-file.ts';

/** What `--lab` may be. */
export const LAB_NAME: RegExp = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/**
 * An entry is NAME.lab and the secrets are in NAME.d: neither is ever the other's, whatever labs are called,
 * nor the PID.json in which a run lists its network namespaces.
 */
const SUFFIX = '.lab';
const SECRETS = '.d';
const DRAFT = /^\.[0-9a-f]{16}$/;

/** The labs that run, by name; leftovers of others are cleared away. */
export function runningLabs(environment: EnvironmentVariables): LabEntry[] {
  const directory = runtimeDirectory(environment);
  new Leftovers().removeThoseOfTheDead();
  if (!isOursAlone(directory)) return [];
  return labsIn(directory).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The lab that is meant: the named one, or the only one. @throws EgressLabError EGL_NO_LAB, EGL_UNKNOWN_LAB, EGL_WHICH_LAB */
export function findLab(name: string | null, environment: EnvironmentVariables): LabEntry {
  const labs = runningLabs(environment);
  const names = labs.map((lab) => lab.name);
  const [only, second] = labs;
  if (only === undefined) {
    throw new EgressLabError('EGL_NO_LAB', 'no lab is running', {
      hint: 'Start one in another terminal: egresslab up automatic',
    });
  }
  if (name === null) {
    if (second === undefined) return only;
    throw new EgressLabError('EGL_WHICH_LAB', `${labs.length} labs are running`, {
      hint: `Choose one with --lab ${names.join(' or --lab ')}`,
    });
  }
  const found = labs.find((lab) => lab.name === name);
  if (found !== undefined) return found;
  throw new EgressLabError('EGL_UNKNOWN_LAB', `no lab "${name}" is running`, {
    hint: `${didYouMean(name, names)}Running: ${names.join(', ')}.`,
  });
}

/** Puts an entry there; its name must be free. @throws EgressLabError EGL_LAB_RUNNING */
export function registerLab(directory: string, entry: LabEntry): void {
  // Whoever was killed under this name is cleared away first.
  labsIn(directory);
  const file = fileOf(directory, entry.name);
  const draft = writeDraft(directory, entry);
  try {
    // Unlike a rename, a link never takes the place of another lab's entry.
    linkSync(draft, file);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') {
      throw runtimeDirectoryError(file, error);
    }
    const other = readEntry(file);
    const pid = other === null ? '' : ` (process ${other.pid})`;
    throw new EgressLabError('EGL_LAB_RUNNING', `a lab "${entry.name}" is running${pid}`, {
      hint: 'Give this one a name of its own: --lab NAME',
    });
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Replaces the entry of the lab that runs in this process. @throws EgressLabError EGL_RUNTIME_DIRECTORY */
export function updateLab(directory: string, entry: LabEntry): void {
  const draft = writeDraft(directory, entry);
  const file = fileOf(directory, entry.name);
  try {
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw runtimeDirectoryError(file, error);
  }
}

/** Where a lab keeps its secrets. */
export function labDirectory(directory: string, name: string): string {
  return join(directory, `${name}${SECRETS}`);
}

/** Takes a lab's entry away, and every file that it names and that is still this lab's. */
export function removeLab(directory: string, entry: LabEntry): void {
  const { kubeconfig, tokenFile } = entry;
  const token = readText(tokenFile);
  if (kubeconfig !== null && token !== null) {
    // Somebody may have written another one there meanwhile.
    const text = readText(kubeconfig) ?? '';
    if (text.startsWith(KUBECONFIG_MARK) && text.includes(token))
      rmSync(kubeconfig, { force: true });
  }
  if (kubeconfig !== null) removeDraft(kubeconfigDraft(kubeconfig, entry.pid));
  rmSync(labDirectory(directory, entry.name), { recursive: true, force: true });
  rmSync(fileOf(directory, entry.name), { force: true });
}

/** What is whole or half a draft of ours, and nothing else of that name. */
function removeDraft(file: string): void {
  const text = readText(file);
  if (text === null) return;
  if (text.startsWith(KUBECONFIG_MARK) || KUBECONFIG_MARK.startsWith(text)) rmSync(file);
}

/** Removes the entry of a lab whose process was ended by others. */
export function dropLab(entry: LabEntry, environment: EnvironmentVariables): void {
  const directory = runtimeDirectory(environment);
  const now = readEntry(fileOf(directory, entry.name));
  if (now?.id === entry.id && !isRunning(entry.pid, entry.processStart)) {
    removeLab(directory, entry);
  }
}

/** Removes what no running lab owns: entries that cannot be read, secrets and drafts without an entry. */
export function sweep(environment: EnvironmentVariables): void {
  const directory = runtimeDirectory(environment);
  if (!isOursAlone(directory)) return;
  const labs = labsIn(directory);
  const kept = new Set(labs.flatMap(({ id, name }) => [name + SUFFIX, name + SECRETS, `.${id}`]));
  for (const file of readdirSync(directory)) {
    const isOfLabs = file.endsWith(SUFFIX) || file.endsWith(SECRETS) || DRAFT.test(file);
    if (isOfLabs && !kept.has(file))
      rmSync(join(directory, file), { recursive: true, force: true });
  }
}

function labsIn(directory: string): LabEntry[] {
  const files = readdirSync(directory);
  removeDeadDrafts(directory, files);
  const names = files.filter((file) => file.endsWith(SUFFIX));
  return names.flatMap((file) => {
    const entry = readEntry(join(directory, file));
    const name = file.slice(0, -SUFFIX.length);
    if (entry === null || entry.name !== name || !LAB_NAME.test(name)) return [];
    if (isRunning(entry.pid, entry.processStart)) return [entry];
    removeLab(directory, entry);
    return [];
  });
}

function fileOf(directory: string, name: string): string {
  return join(directory, `${name}${SUFFIX}`);
}

function writeDraft(directory: string, entry: LabEntry): string {
  const draft = join(directory, `.${entry.id}-${entry.pid}`);
  writeSecret(draft, `${JSON.stringify(entry, null, 2)}\n`);
  return draft;
}

/** Of processes that were killed between writing a draft and giving it its name. */
function removeDeadDrafts(directory: string, files: readonly string[]): void {
  for (const file of files) {
    const pid = /^\.[0-9a-f]{16}-(\d+)$/.exec(file)?.[1];
    if (pid !== undefined && !isRunning(Number(pid), null))
      rmSync(join(directory, file), { force: true });
  }
}

function readEntry(file: string): LabEntry | null {
  const text = readText(file);
  return text === null ? null : parseEntry(text);
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
