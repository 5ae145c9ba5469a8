// The manifests of deploy/ as kubectl reads them. It asks a server which kinds there are even for a dry run, so
// it gets one that knows those kinds and nothing else; validation against a schema needs a real cluster.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { requireTools } from '../../support/tools.ts';

const MANIFESTS = join(import.meta.dirname, '../../../deploy/kubernetes');
const GROUPS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  v1: [
    ['services', 'Service'],
    ['persistentvolumeclaims', 'PersistentVolumeClaim'],
  ],
  'apps/v1': [
    ['deployments', 'Deployment'],
    ['statefulsets', 'StatefulSet'],
  ],
  'batch/v1': [['jobs', 'Job']],
};

function discovery(path: string): unknown {
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'] };
  if (path === '/apis') {
    const groups = ['apps', 'batch'].map((name) => {
      const version = { groupVersion: `${name}/v1`, version: 'v1' };
      return { name, versions: [version], preferredVersion: version };
    });
    return { kind: 'APIGroupList', apiVersion: 'v1', groups };
  }
  const groupVersion = path.replace(/^\/apis?\//, '');
  const kinds = GROUPS[groupVersion];
  if (kinds === undefined) return null;
  const resources = kinds.map(([name, kind]) => ({
    name,
    kind,
    namespaced: true,
    singularName: kind.toLowerCase(),
    verbs: ['create', 'get', 'patch'],
  }));
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources };
}

const { remark, skip } = requireTools('kubectl');

test.skipIf(skip)(`kubectl accepts every manifest${remark}`, async () => {
  const server = createServer((request, response) => {
    const body = discovery((request.url ?? '').split('?')[0] ?? '');
    response.writeHead(body === null ? 404 : 200, { 'content-type': 'application/json' });
    const missing = {
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      reason: 'NotFound',
      code: 404,
    };
    response.end(JSON.stringify(body ?? missing));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    for (const file of readdirSync(MANIFESTS)) {
      const words = ['apply', '--dry-run=client', '--validate=false', '-f', join(MANIFESTS, file)];
      const child = spawn('kubectl', [...words, '--server', `http://127.0.0.1:${port}`]);
      let said = '';
      child.stdout.on('data', (data: Buffer) => {
        said += data.toString();
      });
      child.stderr.on('data', (data: Buffer) => {
        said += data.toString();
      });
      const [code] = (await once(child, 'close')) as [number];
      expect(code, said).toBe(0);
      expect(said).toContain('(dry run)');
    }
  } finally {
    server.close();
  }
});
