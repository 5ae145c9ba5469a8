import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { EgressLabError } from '../../../src/base/errors.ts';
import {
  KUBECONFIG_MARK,
  kubeconfigText,
  writeKubeconfig,
} from '../../../src/platform/api-server/kubeconfig.ts';

const CONTENT = {
  lab: 'takeover',
  server: 'https://127.0.0.1:6443',
  certificate: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
  token: 'sha256~abc',
};

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'egresslab-kubeconfig-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function failure(file: string): EgressLabError {
  try {
    writeKubeconfig(file, CONTENT);
  } catch (error) {
    if (error instanceof EgressLabError) return error;
    throw error;
  }
  throw new Error('it was written');
}

test('the text is YAML that leads from the context to server, trust and token', () => {
  // A lab may be called what it likes.
  for (const lab of ['takeover', '"quoted": \\ and # more']) {
    const config = parse(kubeconfigText({ ...CONTENT, lab }));
    const name = `egresslab-${lab}`;
    expect(config).toMatchObject({ kind: 'Config', 'current-context': name });
    expect(config.contexts).toEqual([
      { name, context: { cluster: name, user: name, namespace: 'default' } },
    ]);
    expect(config.users).toEqual([{ name, user: { token: CONTENT.token } }]);
    const { server, 'certificate-authority-data': data } = config.clusters[0].cluster;
    expect(server).toBe(CONTENT.server);
    expect(Buffer.from(data, 'base64').toString()).toBe(CONTENT.certificate);
  }
});

describe('the file', () => {
  test('is for its owner only, as are the directories that were missing, and nothing else is left', () => {
    const file = join(directory, 'a', 'b', 'config');
    writeKubeconfig(file, CONTENT);
    expect(readFileSync(file, 'utf8')).toBe(kubeconfigText(CONTENT));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, 'a')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(directory, 'a', 'b'))).toEqual(['config']);
  });

  test('of an earlier run is replaced', () => {
    const file = join(directory, 'config');
    writeKubeconfig(file, { ...CONTENT, token: 'old' });
    writeKubeconfig(file, CONTENT);
    expect(readFileSync(file, 'utf8')).toBe(kubeconfigText(CONTENT));
  });

  test('of anybody else is left alone', () => {
    const file = join(directory, 'config');
    for (const text of ['', 'apiVersion: v1\n', `\n${KUBECONFIG_MARK}`]) {
      writeFileSync(file, text);
      expect(failure(file)).toMatchObject({ code: 'EGL_KUBECONFIG', fault: 'input' });
      expect(readFileSync(file, 'utf8')).toBe(text);
    }
    mkdirSync(join(directory, 'folder'));
    expect(failure(join(directory, 'folder')).code).toBe('EGL_KUBECONFIG');
  });

  test('that cannot be written is a problem of the machine, and leaves nothing behind', () => {
    writeFileSync(join(directory, 'file'), '');
    expect(failure(join(directory, 'file', 'config')).code).toBe('EGL_KUBECONFIG');
    expect(readdirSync(directory)).toEqual(['file']);
  });

  test.skipIf(!existsSync('/proc/self'))('below /proc is refused, and not waited for', () => {
    expect(failure('/proc/egresslab/config')).toMatchObject({
      code: 'EGL_KUBECONFIG',
      fault: 'environment',
    });
  });
});
