// Every request that kubectl 1.32 was observed to send, sent again: method, path, query and headers as
// they were, and the answers that it understood.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Pods } from '../../../src/kube/kinds/pod.ts';
import { type Answer, type Asked, type LiveLab, startLiveLab } from '../../support/live-lab.ts';
import { shippedScenarios } from '../../support/scenarios.ts';

const AGENT = {
  'user-agent': 'kubectl/v1.32.4 (linux/amd64) kubernetes/4cb5f07',
  'kubectl-session': '5e3a0c3e-5b7c-4d1b-9f0e-0d8b8d9c0a11',
  'accept-encoding': 'gzip',
};
const TABLE =
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';
const DISCOVERY =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';
const JSON_ONLY = 'application/json';
const PROTOBUF_FIRST = 'application/vnd.kubernetes.protobuf,application/json';
const MERGE = 'application/merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const NETWORK = '/apis/network.openshift.io/v1';

let live: LiveLab;
let sdnPod = '';

beforeAll(async () => {
  const scenario = shippedScenarios().find(({ name }) => name === 'automatic');
  if (scenario === undefined) throw new Error('no automatic');
  live = await startLiveLab(scenario.load(), { speed: 10 });
  const pods = live.lab.cluster?.store.list(Pods).items ?? [];
  sdnPod = pods.find(({ spec }) => spec.containers[0]?.name === 'sdn')?.metadata.name ?? '';
});
afterAll(async () => {
  await live.stop();
});

function get(path: string, accept: string, command = 'kubectl get'): Promise<Answer> {
  return live.ask(path, { headers: { ...AGENT, accept, 'kubectl-command': command } });
}

function send(
  method: string,
  path: string,
  contentType: string,
  body: string,
  accept = JSON_ONLY,
): Promise<Answer> {
  const headers = { ...AGENT, accept, 'content-type': contentType };
  const asked: Asked = { method, headers, body };
  return live.ask(path, asked);
}

function patch(path: string, contentType: string, body: unknown): Promise<Answer> {
  return send('PATCH', path, contentType, JSON.stringify(body));
}

/** The first cells of each row of a Table. */
function cells({ json }: Answer, count: number): unknown[][] {
  const { rows } = json as { readonly rows: readonly { readonly cells: readonly unknown[] }[] };
  return rows.map((row) => row.cells.slice(0, count));
}

describe('before any command', () => {
  test('the dispatcher asks for the version, and 1.32 is what it finds', async () => {
    const answer = await live.ask('/version?timeout=5s', {
      headers: { 'user-agent': 'kubectl-dispatcher/v1.0', 'cache-control': 'max-age=7200' },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.json).toMatchObject({ major: '1', minor: '32', gitVersion: 'v1.32.4' });
  });

  test('aggregated discovery has its own media type, to the letter', async () => {
    for (const path of ['/api?timeout=32s', '/apis?timeout=32s']) {
      const answer = await get(path, DISCOVERY);
      expect(answer.status).toBe(200);
      expect(answer.headers['content-type']).toBe(
        'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
      );
      expect(answer.json).toMatchObject({
        kind: 'APIGroupDiscoveryList',
        apiVersion: 'apidiscovery.k8s.io/v2',
      });
    }
  });

  test('older clients get the older discovery', async () => {
    expect((await get('/api', JSON_ONLY)).json).toMatchObject({
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [{ serverAddress: `127.0.0.1:${live.entry.port}` }],
    });
    expect((await get('/apis', JSON_ONLY)).json).toMatchObject({ kind: 'APIGroupList' });
    expect((await get('/api/v1', JSON_ONLY)).json).toMatchObject({ kind: 'APIResourceList' });
    expect((await get(NETWORK, JSON_ONLY)).json).toMatchObject({
      groupVersion: 'network.openshift.io/v1',
      resources: [{ name: 'hostsubnets' }, { name: 'netnamespaces' }],
    });
    expect((await get('/apis/apps/v1', JSON_ONLY)).status).toBe(404);
  });

  test('OpenAPI says that the server validates fields, and describes them', async () => {
    expect((await get('/openapi/v3', JSON_ONLY)).json).toMatchObject({
      paths: {
        'api/v1': {},
        'apis/network.openshift.io/v1': {
          serverRelativeURL: '/openapi/v3/apis/network.openshift.io/v1?hash=1',
        },
      },
    });
    const document = await get(`/openapi/v3${NETWORK}?hash=1&timeout=32s`, JSON_ONLY);
    expect(document.json).toMatchObject({
      openapi: '3.0.0',
      paths: {
        '/apis/network.openshift.io/v1/hostsubnets/{name}': {
          patch: {
            parameters: [
              { name: 'dryRun', in: 'query' },
              { name: 'fieldManager' },
              { name: 'fieldValidation' },
              { name: 'force' },
            ],
          },
        },
      },
    });
    const protobuf = await get(
      '/openapi/v2?timeout=32s',
      'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
    );
    expect(protobuf.headers['content-type']).toBe(
      'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
    );
    expect(protobuf.text).toContain('io.openshift.network.v1.HostSubnet');
    expect((await get('/openapi/v2', JSON_ONLY)).json).toMatchObject({
      swagger: '2.0',
      definitions: { 'io.k8s.api.core.v1.Node': { type: 'object' } },
    });
  });
});

describe('reading', () => {
  test('get hostsubnets is a Table with the article’s columns', async () => {
    const answer = await get(`${NETWORK}/hostsubnets?limit=500`, TABLE);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.json).toMatchObject({
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { resourceVersion: expect.stringMatching(/^\d+$/) },
      columnDefinitions: [
        { name: 'Name', type: 'string', format: 'name', description: '', priority: 0 },
        { name: 'Host' },
        { name: 'Host IP' },
        { name: 'Subnet' },
        { name: 'Egress CIDRs' },
        { name: 'Egress IPs' },
      ],
      rows: [
        {
          cells: ['master01', 'master01', '192.168.50.141', '10.10.0.0/23', null, null],
          object: { kind: 'PartialObjectMetadata', metadata: { name: 'master01' } },
        },
        {},
        {},
        {},
        {},
      ],
    });
  });

  test('get -o yaml and its like are the objects', async () => {
    expect((await get(`${NETWORK}/hostsubnets?limit=500`, JSON_ONLY)).json).toMatchObject({
      kind: 'HostSubnetList',
      apiVersion: 'network.openshift.io/v1',
      items: [{ kind: 'HostSubnet', apiVersion: 'network.openshift.io/v1' }, {}, {}, {}, {}],
    });
    expect((await get(`${NETWORK}/hostsubnets/worker01`, JSON_ONLY)).json).toMatchObject({
      kind: 'HostSubnet',
      host: 'worker01',
      hostIP: '192.168.50.144',
    });
  });

  test('--sort-by wants the full object in each row', async () => {
    const path = `${NETWORK}/hostsubnets?includeObject=Object&limit=500`;
    expect((await get(path, TABLE)).json).toMatchObject({
      rows: [{ object: { kind: 'HostSubnet', subnet: '10.10.0.0/23' } }, {}, {}, {}, {}],
    });
  });

  test('selectors are the server’s matter', async () => {
    const labels = '/api/v1/nodes?labelSelector=node-role.kubernetes.io%2Fworker&limit=500';
    expect(cells(await get(labels, TABLE), 3)).toEqual([
      ['worker01', 'Ready', 'worker'],
      ['worker02', 'Ready', 'worker'],
    ]);
    const fields = '/api/v1/pods?fieldSelector=spec.nodeName%3Dworker02';
    expect((await get(fields, PROTOBUF_FIRST)).json).toMatchObject({
      kind: 'PodList',
      items: [{ spec: { nodeName: 'worker02' } }],
    });
    expect((await get('/api/v1/nodes?labelSelector=a%3D%3D%3Db', TABLE)).json).toMatchObject({
      kind: 'Status',
      reason: 'BadRequest',
      code: 400,
    });
  });

  test('get netnamespace, nodes, pods and events have the columns of their kinds', async () => {
    expect((await get(`${NETWORK}/netnamespaces/mywebserver`, TABLE)).json).toMatchObject({
      columnDefinitions: [{ name: 'Name' }, { name: 'NetID', type: 'integer' }, {}],
      rows: [{ cells: ['mywebserver', 5_281_170, null] }],
    });
    expect((await get('/api/v1/nodes?limit=500', TABLE)).json).toMatchObject({
      columnDefinitions: expect.arrayContaining([
        expect.objectContaining({ name: 'Internal-IP', priority: 1 }),
      ]),
    });
    const names = async (path: string): Promise<unknown> => {
      const { json } = await get(path, TABLE);
      return (json as { columnDefinitions: { name: string }[] }).columnDefinitions[0]?.name;
    };
    expect(await names('/api/v1/namespaces/openshift-sdn/pods?limit=500')).toBe('Name');
    expect(await names('/api/v1/events?limit=500')).toBe('Last Seen');
    expect(await names('/api/v1/namespaces/default/events?limit=500')).toBe('Last Seen');
    expect((await get('/api/v1/events?limit=500', JSON_ONLY)).json).toMatchObject({
      kind: 'EventList',
    });
  });

  test('what describe asks for besides', async () => {
    const involved = 'involvedObject.kind%3DHostSubnet%2CinvolvedObject.name%3Dworker01';
    const events = await get(`/api/v1/events?fieldSelector=${involved}`, PROTOBUF_FIRST);
    expect(events.json).toMatchObject({ kind: 'EventList', items: [] });
    const lease = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/worker01';
    expect((await get(lease, PROTOBUF_FIRST)).json).toMatchObject({
      kind: 'Status',
      status: 'Failure',
      reason: 'NotFound',
      code: 404,
    });
    for (const namespace of ['openshift-sdn', 'mywebserver']) {
      const answer = await get(`/api/v1/namespaces/${namespace}`, PROTOBUF_FIRST);
      expect(answer.json).toMatchObject({ kind: 'Namespace', metadata: { name: namespace } });
    }
    expect((await get('/api/v1/namespaces/nope', PROTOBUF_FIRST)).status).toBe(404);
  });

  test('what does not exist is told in the API server’s words', async () => {
    const answer = await get(`${NETWORK}/hostsubnets/worker09`, TABLE);
    expect(answer.status).toBe(404);
    expect(answer.json).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'hostsubnets.network.openshift.io "worker09" not found',
      reason: 'NotFound',
      details: { name: 'worker09', group: 'network.openshift.io', kind: 'hostsubnets' },
      code: 404,
    });
    for (const path of ['/api/v1/leases', `${NETWORK}/hostsubnets/worker01/status`, '/nonsense']) {
      expect((await get(path, TABLE)).json).toMatchObject({ reason: 'NotFound', code: 404 });
    }
  });

  test('a client that takes none of our forms hears so', async () => {
    const answer = await get('/api/v1/nodes', 'application/vnd.kubernetes.protobuf');
    expect(answer.json).toMatchObject({ code: 406, reason: 'NotAcceptable' });
  });
});

describe('writing', () => {
  const worker = `${NETWORK}/hostsubnets/worker01`;

  test('patch --type=merge gives the whole object back; without a change its version stays', async () => {
    const body = { egressIPs: ['192.168.50.130'] };
    const path = `${NETWORK}/hostsubnets/master01?fieldManager=kubectl-patch`;
    const first = await patch(path, MERGE, body);
    expect(first.status).toBe(200);
    expect(first.json).toMatchObject({ kind: 'HostSubnet', ...body });
    expect((await patch(path, MERGE, body)).json).toEqual(first.json);
    const removed = await patch(path, JSON_PATCH, [{ op: 'remove', path: '/egressIPs' }]);
    expect(removed.json).not.toHaveProperty('egressIPs');
  });

  test('the default patch type is refused for custom resources, with the types that are not', async () => {
    const answer = await patch(`${worker}?fieldManager=kubectl-patch`, STRATEGIC, {
      egressIPs: [],
    });
    expect(answer.status).toBe(415);
    expect(answer.json).toMatchObject({
      reason: 'UnsupportedMediaType',
      message:
        'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
    });
  });

  test('cordon is a strategic patch of a node', async () => {
    const cordoned = await patch('/api/v1/nodes/master03', STRATEGIC, {
      spec: { unschedulable: true },
    });
    expect(cordoned.json).toMatchObject({ kind: 'Node', spec: { unschedulable: true } });
    expect(cells(await get('/api/v1/nodes/master03', TABLE), 2)).toEqual([
      ['master03', 'Ready,SchedulingDisabled'],
    ]);
    const back = await patch('/api/v1/nodes/master03', STRATEGIC, {
      spec: { unschedulable: null },
    });
    expect(back.json).not.toHaveProperty('spec.unschedulable');
  });

  test('annotate and label are merge patches of metadata', async () => {
    const annotated = await patch(`${worker}?fieldManager=kubectl-annotate`, MERGE, {
      metadata: { annotations: { note: 'rack 2' } },
    });
    expect(annotated.json).toMatchObject({ metadata: { annotations: { note: 'rack 2' } } });
    const labeled = await patch(`${worker}?fieldManager=kubectl-label`, MERGE, {
      metadata: { labels: { zone: 'east' } },
    });
    expect(labeled.json).toMatchObject({ metadata: { labels: { zone: 'east' } } });
    const east = await get(`${NETWORK}/hostsubnets?labelSelector=zone%3Deast`, TABLE);
    expect(cells(east, 1)).toEqual([['worker01']]);
  });

  test('an invalid address is 422 with its cause', async () => {
    const answer = await patch(`${worker}?fieldManager=kubectl-patch`, MERGE, {
      egressIPs: ['192.168.50.300'],
    });
    expect(answer.status).toBe(422);
    expect(answer.json).toMatchObject({
      reason: 'Invalid',
      details: {
        name: 'worker01',
        group: 'network.openshift.io',
        kind: 'HostSubnet',
        causes: [
          {
            reason: 'FieldValueInvalid',
            message: expect.stringContaining(
              'Invalid value: "192.168.50.300": egressIPs[0] in body',
            ),
            field: 'egressIPs[0]',
          },
        ],
      },
    });
  });

  test.each([
    ['not JSON', MERGE, '{"egressIPs": [', 400, 'BadRequest'],
    ['not an object', MERGE, '[1]', 400, 'BadRequest'],
    ['not a list of operations', JSON_PATCH, '{"op": "remove"}', 400, 'BadRequest'],
    [
      'operations that do not apply',
      JSON_PATCH,
      '[{"op":"remove","path":"/nope"}]',
      422,
      'Invalid',
    ],
    ['a stale version', MERGE, '{"metadata":{"resourceVersion":"1"}}', 409, 'Conflict'],
    ['no known type', 'text/plain', '{}', 415, 'UnsupportedMediaType'],
    ['no object to apply', 'application/apply-patch+yaml', 'a: b', 400, 'BadRequest'],
    ['no YAML to apply', 'application/apply-patch+yaml', '{a: [', 400, 'BadRequest'],
    ['an endless alias', 'application/apply-patch+yaml', 'a: &a [*a]', 400, 'BadRequest'],
  ])('a patch that is %s', async (_what, contentType, body, code, reason) => {
    const answer = await send('PATCH', worker, contentType, body);
    expect(answer.status).toBe(code);
    expect(answer.json).toMatchObject({ kind: 'Status', status: 'Failure', reason, code });
  });

  test('a patch of what does not exist is 404', async () => {
    const answer = await patch(`${NETWORK}/netnamespaces/nope`, MERGE, { egressIPs: [] });
    expect(answer.json).toMatchObject({
      code: 404,
      message: 'netnamespaces.network.openshift.io "nope" not found',
    });
  });

  test('create, replace and delete a netnamespace', async () => {
    const path = `${NETWORK}/netnamespaces`;
    const object = {
      apiVersion: 'network.openshift.io/v1',
      kind: 'NetNamespace',
      metadata: { name: 'project01' },
      netname: 'project01',
      netid: 4711,
    };
    const text = JSON.stringify(object);
    const query = '?fieldManager=kubectl-create&fieldValidation=Strict';
    const dry = await send('POST', `${path}${query}&dryRun=All`, 'application/json', text);
    expect(dry.status).toBe(201);
    expect((await get(`${path}/project01`, TABLE)).status).toBe(404);
    const created = await send('POST', `${path}${query}`, 'application/json', text);
    expect(created.status).toBe(201);
    expect(created.json).toMatchObject({ ...object, metadata: { uid: expect.any(String) } });
    const again = await send('POST', `${path}${query}`, 'application/json', text);
    expect(again.json).toMatchObject({ code: 409, reason: 'AlreadyExists' });

    const wanted = JSON.stringify({ ...object, netid: 4712 });
    const replace = '?fieldManager=kubectl-replace&fieldValidation=Ignore';
    const replaced = await send('PUT', `${path}/project01${replace}`, 'application/json', wanted);
    expect(replaced.json).toMatchObject({ netid: 4712 });
    const misnamed = await send('PUT', `${path}/other`, 'application/json', wanted);
    expect(misnamed.json).toMatchObject({ code: 400 });

    const body = '{"propagationPolicy":"Background"}';
    const wrong = '{"preconditions":{"uid":"nobody"}}';
    const kept = await send('DELETE', `${path}/project01`, 'application/json', wrong);
    expect(kept.json).toMatchObject({ code: 409, reason: 'Conflict' });
    const deleted = await send('DELETE', `${path}/project01`, 'application/json', body);
    expect(deleted.status).toBe(200);
    expect(deleted.json).toMatchObject({
      kind: 'Status',
      status: 'Success',
      details: { name: 'project01', group: 'network.openshift.io', kind: 'netnamespaces' },
    });
    expect((await get(`${path}/project01`, JSON_ONLY)).status).toBe(404);
  });

  test('objects that are none are refused', async () => {
    const path = `${NETWORK}/netnamespaces`;
    const post = (body: string, type = 'application/json'): Promise<Answer> =>
      send('POST', path, type, body);
    expect((await post('')).json).toMatchObject({ code: 400 });
    expect((await post('{"kind":"Pod"}')).json).toMatchObject({ code: 400 });
    expect((await post('a: b', 'application/yaml')).json).toMatchObject({ code: 415 });
    const nameless =
      '{"kind":"NetNamespace","apiVersion":"network.openshift.io/v1","netname":"a","netid":1}';
    expect((await post(nameless)).json).toMatchObject({ code: 422 });
  });

  test('verbs that a resource does not have are 405', async () => {
    for (const [method, path] of [
      ['POST', '/api/v1/namespaces/default/pods/web'],
      ['POST', '/api/v1/namespaces/default/pods/web/log'],
      ['DELETE', '/api/v1/events'],
      ['DELETE', `${NETWORK}/hostsubnets`],
      ['POST', '/version'],
      ['OPTIONS', '/api/v1/nodes'],
    ] as const) {
      expect((await live.ask(path, { method })).json).toMatchObject({ code: 405 });
    }
  });
});

describe('watching', () => {
  interface Seen {
    readonly type: string;
    readonly object: {
      readonly kind: string;
      readonly rows?: readonly { readonly cells: readonly unknown[] }[];
      readonly metadata: { readonly name?: string; readonly resourceVersion: string };
      readonly code?: number;
    };
  }
  const parse = (lines: readonly string[]): Seen[] =>
    lines.map((line) => {
      const seen: Seen = JSON.parse(line);
      return seen;
    });
  const target = `${NETWORK}/netnamespaces/mywebserver`;
  const collection = `${NETWORK}/netnamespaces`;
  const annotate = (value: string): Promise<Answer> =>
    patch(target, MERGE, { metadata: { annotations: { value } } });

  test('get -w: from the list’s version on, in the form of the watch’s own Accept', async () => {
    const list = await get(`${collection}?limit=500`, TABLE);
    const { metadata } = list.json as { metadata: { resourceVersion: string } };
    const path = `${collection}?resourceVersion=${metadata.resourceVersion}&watch=true`;
    const stream = await live.stream(path, { ...AGENT, accept: TABLE });
    expect(stream.status).toBe(200);
    expect(stream.headers['content-type']).toBe('application/json');
    expect(stream.headers['transfer-encoding']).toBe('chunked');
    await annotate('one');
    const [seen] = parse(await stream.until(1));
    expect(seen).toMatchObject({
      type: 'MODIFIED',
      object: { kind: 'Table', rows: [{ cells: ['mywebserver', 5_281_170, null] }] },
    });
    stream.close();
  });

  test('get NAME -w: from 0, what is there comes first', async () => {
    const query = 'fieldSelector=metadata.name%3Dmywebserver&resourceVersion=0&watch=true';
    const stream = await live.stream(`${collection}?${query}`, { ...AGENT, accept: JSON_ONLY });
    await stream.until(1);
    await annotate('two');
    expect(parse(await stream.until(2)).map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED']);
    stream.close();
  });

  test('an object that stops to be selected is DELETED for who selected it', async () => {
    const query = 'labelSelector=seen%3Dyes&watch=1';
    const stream = await live.stream(`${collection}?${query}`, { accept: JSON_ONLY });
    await patch(target, MERGE, { metadata: { labels: { seen: 'yes' } } });
    await patch(target, MERGE, { metadata: { labels: { seen: null } } });
    expect(parse(await stream.until(2)).map(({ type }) => type)).toEqual(['ADDED', 'DELETED']);
    stream.close();
  });

  test('wait asks for an end, and gets it', async () => {
    const query =
      'allowWatchBookmarks=true&fieldSelector=metadata.name%3Dworker01&resourceVersion=0&timeoutSeconds=1&watch=true';
    const stream = await live.stream(`/api/v1/nodes?${query}`, { accept: PROTOBUF_FIRST });
    await stream.ended;
    expect(parse(stream.lines)[0]).toMatchObject({ type: 'ADDED', object: { kind: 'Node' } });
  });

  /** The one that asks is open, too. */
  const openStreams = async (): Promise<number> => {
    const { stdout } = await live.cli('status', '--json');
    const { status }: { status: { streams: number } } = JSON.parse(stdout);
    return status.streams;
  };

  test('a watcher that goes away leaves nothing behind', async () => {
    const stream = await live.stream(`${collection}?watch=true`, { accept: JSON_ONLY });
    await stream.until(1);
    expect(await openStreams()).toBe(2);
    stream.close();
    while ((await openStreams()) > 1);
  });

  test('nonsense is 400', async () => {
    for (const query of ['resourceVersion=x', 'timeoutSeconds=-1', 'fieldSelector=%2C']) {
      const answer = await get(`/api/v1/nodes?watch=true&${query}`, TABLE);
      expect(answer.json).toMatchObject({ code: 400 });
    }
  });
});

describe('logs', () => {
  const log = (): string => `/api/v1/namespaces/openshift-sdn/pods/${sdnPod}/log`;
  const ACCEPT = 'application/json, */*';

  test('the pod, then its lines', async () => {
    const pod = await get(`/api/v1/namespaces/openshift-sdn/pods/${sdnPod}`, JSON_ONLY);
    expect(pod.json).toMatchObject({ spec: { containers: [{ name: 'sdn' }] } });
    live.lab.cluster?.controlPlane.logs.open(sdnPod, 'openshift-sdn').append('hello');
    const answer = await get(`${log()}?container=sdn&tailLines=1`, ACCEPT, 'kubectl logs');
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(answer.text).toBe('hello\n');
    const stamped = await get(`${log()}?tailLines=1&timestamps=true`, ACCEPT);
    expect(stamped.text).toMatch(/^2020-05-09T08:\d\d:\d\d\.\d{9}Z hello\n$/);
    expect((await get(`${log()}?limitBytes=3&tailLines=1`, ACCEPT)).text).toBe('hel');
    expect((await get(`${log()}?sinceSeconds=3600&tailLines=1`, ACCEPT)).text).toBe('hello\n');
  });

  test('follow goes on until somebody ends it', async () => {
    const stream = await live.stream(`${log()}?container=sdn&follow=true&tailLines=0`);
    live.lab.cluster?.controlPlane.logs.open(sdnPod, 'openshift-sdn').append('later');
    expect(await stream.until(1)).toEqual(['later']);
    stream.close();
  });

  test('unknown pods, containers and past lives', async () => {
    const missing = await get('/api/v1/namespaces/openshift-sdn/pods/x/log', ACCEPT);
    expect(missing.json).toMatchObject({ code: 404, message: 'pods "x" not found' });
    expect((await get(`${log()}?container=ovs`, ACCEPT)).json).toMatchObject({
      code: 400,
      message: `container ovs is not valid for pod ${sdnPod}`,
    });
    expect((await get(`${log()}?previous=true`, ACCEPT)).json).toMatchObject({ code: 400 });
    expect((await get(`${log()}?tailLines=many`, ACCEPT)).json).toMatchObject({ code: 400 });
    expect((await live.ask(log(), { method: 'DELETE' })).json).toMatchObject({ code: 405 });
  });
});
