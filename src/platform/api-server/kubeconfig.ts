// A kubeconfig for one lab: where it listens, whom to trust, what to say.

import { closeSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { EgressLabError } from '../../base/errors.ts';
import { errnoOf, explainErrno } from '../errno.ts';
import { type FileOwner, giveTo } from '../file-owner.ts';
import { makeDirectory } from '../make-directory.ts';

/** How such a file begins; what begins otherwise is never overwritten or removed. */
export const KUBECONFIG_MARK =
  '# Made by egresslab for one run of a lab, and of no use after it.\n';

/** What a kubeconfig says of a lab. */
export interface KubeconfigContent {
  /** Names the cluster, the user and the context. */
  readonly lab: string;
  /** 'https://127.0.0.1:6443' */
  readonly server: string;
  /** PEM. */
  readonly certificate: string;
  readonly token: string;
}

/** The whole file. */
export function kubeconfigText({ lab, server, certificate, token }: KubeconfigContent): string {
  const name = JSON.stringify(`egresslab-${lab}`);
  return `${KUBECONFIG_MARK}apiVersion: v1
kind: Config
current-context: ${name}
clusters:
- name: ${name}
  cluster:
    server: ${server}
    certificate-authority-data: ${Buffer.from(certificate).toString('base64')}
users:
- name: ${name}
  user:
    token: ${token}
contexts:
- name: ${name}
  context:
    cluster: ${name}
    user: ${name}
    namespace: default
`;
}

/** What stands beside the file until it is whole, if the process is killed just then. */
export function kubeconfigDraft(file: string, pid: number): string {
  return `${file}.${pid}`;
}

/** Writes it with mode 0600, for `owner` if there is one. @throws EgressLabError EGL_KUBECONFIG */
export function writeKubeconfig(
  file: string,
  content: KubeconfigContent,
  owner: FileOwner | null = null,
): void {
  const draft = kubeconfigDraft(file, process.pid);
  try {
    if (isForeign(file)) {
      throw new EgressLabError(
        'EGL_KUBECONFIG',
        `${file} already exists and was not written by egresslab`,
        {
          hint: 'Name a file that does not exist, or leave --kubeconfig out.',
        },
      );
    }
    makeDirectory(dirname(file), 0o700, owner);
    writeNew(draft, kubeconfigText(content), owner);
    renameSync(draft, file);
  } catch (error) {
    if (error instanceof EgressLabError) throw error;
    rmSync(draft, { force: true });
    throw new EgressLabError('EGL_KUBECONFIG', `cannot write ${file}: ${explainErrno(error)}`, {
      fault: 'environment',
      cause: error,
    });
  }
}

/** O_EXCL: neither over another file nor through a symbolic link. */
function writeNew(file: string, text: string, owner: FileOwner | null): void {
  const descriptor = openSync(file, 'wx', 0o600);
  try {
    giveTo(descriptor, owner);
    writeFileSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
}

function isForeign(file: string): boolean {
  try {
    return !readFileSync(file, 'utf8').startsWith(KUBECONFIG_MARK);
  } catch (error) {
    return errnoOf(error) !== 'ENOENT';
  }
}
