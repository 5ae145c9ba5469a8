// Requests of kubectl 1.32 beyond the article's session: apply on the server, dry runs, strict fields,
// status, pages.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, type LiveLab, startLiveLab } from '../../support/live-lab.ts';
import { shippedScenarios } from '../../support/scenarios.ts';

const NETWORK = '/apis/network.openshift.io/v1';
const APPLY = 'application/apply-patch+yaml';
const MERGE = 'application/merge-patch+json';
const JSON_TYPE = 'application/json';

let live: LiveLab;
beforeAll(async () => {
  const scenario = shippedScenarios().find(({ name }) => name === 'automatic');
  if (scenario === undefined) throw new Error('no automatic');
  live = await startLiveLab(scenario.load(), { speed: 10 });
});
afterAll(async () => {
  await live.stop();
});

function ask(
  method: string,
  path: string,
  contentType = JSON_TYPE,
  body?: unknown,
): Promise<Answer> {
  const headers = {
    'user-agent': 'kubectl/v1.32.4 (linux/amd64) kubernetes/4cb5f07',
    accept: JSON_TYPE,
    'content-type': contentType,
  };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return live.ask(path, body === undefined ? { method, headers } : { method, headers, body: text });
}

function netNamespace(name: string, fields: object = {}, metadata: object = {}): object {
  return {
    apiVersion: 'network.openshift.io/v1',
    kind: 'NetNamespace',
    metadata: { name, ...metadata },
    netname: name,
    netid: 5,
    ...fields,
  };
}

function apply(name: string, manager: string, body: unknown, query = ''): Promise<Answer> {
  const path = `${NETWORK}/netnamespaces/${name}?fieldManager=${manager}&fieldValidation=Strict${query}`;
  return ask('PATCH', path, APPLY, body);
}

describe('server-side apply', () => {
  test('creates, leaves alone what is the same, and takes away what is no longer wanted', async () => {
    const first = await apply('a', 'one', netNamespace('a', {}, { labels: { team: 'x' } }));
    expect(first.status).toBe(201);
    expect(first.json).toMatchObject({
      netid: 5,
      metadata: {
        labels: { team: 'x' },
        managedFields: [
          {
            manager: 'one',
            operation: 'Apply',
            apiVersion: 'network.openshift.io/v1',
            fieldsType: 'FieldsV1',
            fieldsV1: {
              'f:metadata': { 'f:labels': { 'f:team': {} } },
              'f:netid': {},
              'f:netname': {},
            },
          },
        ],
      },
    });
    const again = await apply('a', 'one', netNamespace('a', {}, { labels: { team: 'x' } }));
    expect(again.status).toBe(200);
    expect(again.json).toEqual(first.json);
    const { json } = await apply('a', 'one', netNamespace('a'));
    expect(json).toMatchObject({ netid: 5 });
    expect(json).not.toHaveProperty('metadata.labels');
  });

  test('is a conflict where another manager set another value, until it is forced', async () => {
    await apply('b', 'one', netNamespace('b'));
    const refused = await apply('b', 'two', netNamespace('b', { netid: 6 }));
    expect(refused.json).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "one": .netid',
      details: {
        causes: [
          { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.netid' },
        ],
      },
    });
    expect((await apply('b', 'two', netNamespace('b'))).status).toBe(200);
    const forced = await apply('b', 'two', netNamespace('b', { netid: 6 }), '&force=true');
    expect(forced.json).toMatchObject({ netid: 6 });
    // What both want stays when one of them leaves it out.
    const { netname: _netname, ...less } = netNamespace('b', { netid: 6 }) as Record<
      string,
      unknown
    >;
    expect((await apply('b', 'two', less)).json).toMatchObject({ netname: 'b' });
  });

  test('finds in conflict whoever changed a field by a patch', async () => {
    await apply('c', 'one', netNamespace('c'));
    await ask('PATCH', `${NETWORK}/netnamespaces/c?fieldManager=hand`, MERGE, { netid: 9 });
    const { json } = await apply('c', 'one', netNamespace('c'));
    expect(json).toMatchObject({ code: 409 });
    expect(json).toHaveProperty(
      'message',
      expect.stringMatching(
        /^Apply failed with 1 conflict: conflict with "hand" using network\.openshift\.io\/v1 at [-0-9T:]+Z: \.netid$/,
      ),
    );
  });

  test('needs a manager and the name on the URL', async () => {
    const path = `${NETWORK}/netnamespaces/d`;
    expect((await ask('PATCH', path, APPLY, netNamespace('d'))).json).toMatchObject({ code: 400 });
    expect((await apply('d', 'one', netNamespace('e'))).json).toMatchObject({ code: 400 });
    const foreign = netNamespace('d', {}, { managedFields: [] });
    expect((await apply('d', 'one', foreign)).json).toMatchObject({ code: 400 });
  });

  test('takes YAML', async () => {
    const text = `apiVersion: network.openshift.io/v1
kind: NetNamespace
metadata:
  name: yaml
netname: yaml
netid: 12
egressIPs: [192.168.50.9]
`;
    expect((await apply('yaml', 'one', text)).json).toMatchObject({ egressIPs: ['192.168.50.9'] });
  });
});

describe('a dry run', () => {
  test('of every verb answers with what would be and stores nothing', async () => {
    const collection = `${NETWORK}/netnamespaces`;
    const version = (): number => live.lab.cluster?.store.resourceVersion ?? 0;
    await apply('dry', 'one', netNamespace('dry'));
    const before = version();
    const created = await ask('POST', `${collection}?dryRun=All`, JSON_TYPE, netNamespace('none'));
    expect(created.status).toBe(201);
    const path = `${collection}/dry?dryRun=All`;
    const patched = await ask('PATCH', path, MERGE, { netid: 44 });
    expect(patched.json).toMatchObject({ netid: 44 });
    const put = await ask('PUT', path, JSON_TYPE, netNamespace('dry', { netid: 45 }));
    expect(put.json).toMatchObject({ netid: 45 });
    const applied = await apply('dry', 'one', netNamespace('dry', { netid: 46 }), '&dryRun=All');
    expect(applied.json).toMatchObject({ netid: 46 });
    expect((await ask('DELETE', path, JSON_TYPE, {})).status).toBe(200);
    expect((await ask('GET', `${collection}/dry`)).json).toMatchObject({ netid: 5 });
    expect(version()).toBe(before);
  });
});

describe('fields that a kind does not have', () => {
  const path = `${NETWORK}/netnamespaces`;
  const odd = netNamespace('odd', { colour: 'red' });

  test('are refused when the client is strict', async () => {
    expect(
      (await ask('POST', `${path}?fieldValidation=Strict`, JSON_TYPE, odd)).json,
    ).toMatchObject({
      code: 400,
      message:
        'NetNamespace in version "v1" cannot be handled as a NetNamespace: strict decoding error: unknown field "colour"',
    });
    const patched = await ask('PATCH', '/api/v1/nodes/worker01?fieldValidation=Strict', MERGE, {
      metadata: { lables: {} },
    });
    expect(patched.json).toMatchObject({ code: 422, reason: 'Invalid' });
    expect((await ask('POST', `${path}?fieldValidation=Maybe`, JSON_TYPE, odd)).status).toBe(400);
  });

  test('are dropped with a warning, or without one', async () => {
    const warned = await ask('POST', path, JSON_TYPE, odd);
    expect(warned.headers.warning).toBe('299 - "unknown field \\"colour\\""');
    expect(warned.json).not.toHaveProperty('colour');
    const silent = await ask('PATCH', `${path}/odd?fieldValidation=Ignore`, MERGE, { a: 1 });
    expect(silent.status).toBe(200);
    expect(silent.headers.warning).toBeUndefined();
  });

  test('cannot break the header that warns of them', async () => {
    const body = { 'a\r\nX-Evil: 1\u0000é': 1 };
    const { headers, status } = await ask('PATCH', `${path}/odd`, MERGE, body);
    expect(status).toBe(200);
    expect(headers['x-evil']).toBeUndefined();
    expect(headers.warning).toMatch(/^299 - "[ -~]*"$/);
  });
});

describe('status', () => {
  const node = '/api/v1/nodes/worker01';

  test('changes through its own path only, and nothing else does there', async () => {
    const aside = await ask('PATCH', node, MERGE, { status: { nodeInfo: { osImage: 'other' } } });
    expect(aside.json).not.toMatchObject({ status: { nodeInfo: { osImage: 'other' } } });
    const body = { status: { nodeInfo: { osImage: 'other' } }, spec: { unschedulable: true } };
    const patched = await ask('PATCH', `${node}/status`, MERGE, body);
    expect(patched.json).toMatchObject({ status: { nodeInfo: { osImage: 'other' } } });
    expect(patched.json).not.toMatchObject({ spec: { unschedulable: true } });
    expect((await ask('GET', `${node}/status`)).json).toEqual(patched.json);
    const whole = (await ask('GET', node)).json as Record<string, unknown>;
    const put = await ask('PUT', `${node}/status`, JSON_TYPE, {
      ...whole,
      spec: { unschedulable: true },
      status: { phase: 'x' },
    });
    expect(put.json).toMatchObject({ spec: {}, status: { phase: 'x' } });
    await ask('PUT', `${node}/status`, JSON_TYPE, { ...whole, metadata: { name: 'worker01' } });
  });

  test('does not exist where a kind has none', async () => {
    expect((await ask('GET', `${NETWORK}/hostsubnets/worker01/status`)).status).toBe(404);
    expect((await ask('DELETE', `${node}/status`)).json).toMatchObject({ code: 405 });
  });

  test('of a new pod is its server’s: nobody runs it', async () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'idle', namespace: 'default' },
      spec: { containers: [{ name: 'main', image: 'x' }] },
      status: { phase: 'Running' },
    };
    const created = await ask('POST', '/api/v1/namespaces/default/pods', JSON_TYPE, pod);
    expect(created.json).toMatchObject({ status: { phase: 'Pending' } });
  });
});

describe('a list by pages', () => {
  interface Page {
    readonly metadata: { readonly continue?: string; readonly remainingItemCount?: number };
    readonly items: readonly { readonly metadata: { readonly name: string } }[];
  }
  const page = async (query: string): Promise<Page> =>
    (await ask('GET', `${NETWORK}/hostsubnets?${query}`)).json as Page;

  test('is the list as it was when it began', async () => {
    const names: string[] = [];
    const first = await page('limit=2');
    expect(first.metadata.remainingItemCount).toBe(3);
    await ask('POST', `${NETWORK}/hostsubnets`, JSON_TYPE, {
      apiVersion: 'network.openshift.io/v1',
      kind: 'HostSubnet',
      metadata: { name: 'worker00' },
      host: 'worker00',
      hostIP: '192.168.50.7',
      subnet: '10.99.0.0/23',
    });
    for (let each = first; ; each = await page(`limit=2&continue=${each.metadata.continue}`)) {
      names.push(...each.items.map(({ metadata }) => metadata.name));
      if (each.metadata.continue === undefined) break;
    }
    expect(names).toEqual(['master01', 'master02', 'master03', 'worker01', 'worker02']);
    await ask('DELETE', `${NETWORK}/hostsubnets/worker00`, JSON_TYPE, {});
  });

  test('cannot go on when too much has been written since', async () => {
    const store = live.lab.cluster?.store;
    const token = (await page('limit=1')).metadata.continue ?? '';
    const path = `${NETWORK}/hostsubnets?limit=1&continue=${token}`;
    expect((await ask('GET', path)).status).toBe(200);
    const kind = store?.kinds.find('netnamespace');
    for (let n = 0; n < 10_000; n++) {
      if (kind) store?.patch(kind, 'odd', undefined, 'merge', { netid: 1000 + n });
    }
    expect((await ask('GET', path)).json).toMatchObject({ code: 410, reason: 'Expired' });
  });

  test('with a token that is none is 400', async () => {
    for (const token of ['x', 'e30', 'bnVsbA', '%00']) {
      const answer = await ask('GET', `${NETWORK}/hostsubnets?continue=${token}`);
      expect(answer.json).toMatchObject({ code: 400 });
    }
  });
});
