// What all clients together may take up, and who goes first when it is too much.

import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LiveLab, startLiveLab } from '../../support/live-lab.ts';
import { topologyOf } from '../../support/scenarios.ts';

const TOPOLOGY = `name: bounded
segments: { lan: { subnet: 192.168.50.0/24 } }
cluster:
  sdn: openshift-sdn
  segment: lan
  nodes:
    master01: { role: master, address: 192.168.50.141, subnet: 10.10.0.0/23 }
`;

const NODES = '/api/v1/nodes';
const NODE = `${NODES}/master01`;
const STRANGERS = 4;
const KNOWN = 6;
const BACKLOG = 4 * 1024 * 1024;
const MERGE = { 'content-type': 'application/merge-patch+json' };

let live: LiveLab;
beforeAll(async () => {
  live = await startLiveLab(topologyOf(TOPOLOGY, 'lab.yaml'), {
    limits: { strangers: STRANGERS, known: KNOWN, streams: 4, backlogOctets: BACKLOG },
  });
});
afterAll(async () => {
  await live.stop();
});

async function stranger(): Promise<Socket> {
  const socket = createConnection({ host: '127.0.0.1', port: live.entry.port ?? 0 });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** A watch whose answer is not read. */
async function deafWatch(agent: string): Promise<Socket> {
  const { certificate, entry, token } = live;
  const socket = connect({ host: '127.0.0.1', port: entry.port ?? 0, ca: certificate });
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  socket.write(
    `GET ${NODES}?watch=true HTTP/1.1\r\nHost: 127.0.0.1:${entry.port}\r\nAuthorization: Bearer ${token}\r\nUser-Agent: ${agent}\r\n\r\n`,
  );
  await once(socket, 'readable');
  return socket;
}

describe('connections', () => {
  test('without the token make room for each other, the oldest first', async () => {
    const first = await stranger();
    const gone = once(first, 'close');
    const others = [];
    for (let i = 0; i < STRANGERS; i++) others.push(await stranger());
    await gone;
    expect(others.every((socket) => !socket.destroyed)).toBe(true);
    expect((await live.ask(NODES)).status).toBe(200);
    for (const socket of others) socket.destroy();
  });

  test('that showed the token stay, however many strangers come', async () => {
    const watch = await live.stream(`${NODES}?watch=true`);
    const strangers = [];
    for (let i = 0; i < 5 * STRANGERS; i++) strangers.push(await stranger());
    await live.ask(NODE, {
      method: 'PATCH',
      headers: MERGE,
      body: '{"metadata":{"labels":{"a":"b"}}}',
    });
    const lines = await watch.until(2);
    expect(lines.at(-1)).toContain('"a":"b"');
    watch.close();
    for (const socket of strangers) socket.destroy();
  });

  test('one client alone cannot take all streams', async () => {
    const headers = { 'user-agent': 'greedy' };
    const open = [];
    for (let i = 0; i < 3; i++) open.push(await live.stream(`${NODES}?watch=true`, headers));
    const refused = await live.ask(`${NODES}?watch=true`, { headers });
    expect(refused.json).toMatchObject({ code: 429, reason: 'TooManyRequests' });
    const other = await live.stream(`${NODES}?watch=true`, { 'user-agent': 'modest' });
    expect(other.status).toBe(200);
    for (const each of [...open, other]) each.close();
  });
});

test('watchers that do not read are cut when all together leave too much unread', async () => {
  const before = live.server.unread;
  const deaf = [await deafWatch('a'), await deafWatch('b')];
  let sent = 0;
  while (live.server.unread.cut === before.cut && sent < 200) {
    const filler = `${sent++}`.padEnd(200_000, 'x');
    const body = JSON.stringify({ metadata: { annotations: { filler } } });
    expect((await live.ask(NODE, { method: 'PATCH', headers: MERGE, body })).status).toBe(200);
  }
  expect(live.server.unread.cut).toBeGreaterThan(before.cut);
  for (const socket of deaf) socket.destroy();
});

describe('an object', () => {
  test('whose annotations are larger than 256 KiB is invalid', async () => {
    const patch = (octets: number) =>
      live.ask(NODE, {
        method: 'PATCH',
        headers: MERGE,
        body: JSON.stringify({
          metadata: { annotations: { filler: null, a: 'ä'.repeat(octets / 2) } },
        }),
      });
    expect((await patch(262_140)).status).toBe(200);
    const refused = await patch(262_144);
    expect(refused.json).toMatchObject({
      code: 422,
      reason: 'Invalid',
      message:
        'Node "master01" is invalid: metadata.annotations: Too long: may not be more than 262144 bytes',
      details: { causes: [{ reason: 'FieldValueTooLong', field: 'metadata.annotations' }] },
    });
  });

  test('that is larger than etcd takes is refused', async () => {
    const labels = Object.fromEntries(
      Array.from({ length: 12_000 }, (_, at) => [`l${at}`.padEnd(63, 'x'), 'y'.repeat(63)]),
    );
    const body = JSON.stringify({ metadata: { labels } });
    const refused = await live.ask(NODE, { method: 'PATCH', headers: MERGE, body });
    expect(refused.json).toMatchObject({
      code: 413,
      reason: 'RequestEntityTooLarge',
      message: 'etcdserver: request is too large',
    });
  });

  test.each([
    ['POST', NODES, 'application/json'],
    ['PATCH', NODE, 'application/merge-patch+json'],
    ['PATCH', NODE, 'application/json-patch+json'],
    ['PATCH', `${NODE}?fieldManager=x`, 'application/apply-patch+yaml'],
    ['DELETE', NODE, 'application/json'],
  ])('nested 100,000 deep is a bad request: %s %s as %s', async (method, path, type) => {
    const body = '['.repeat(100_000) + ']'.repeat(100_000);
    const headers = { 'content-type': type };
    const refused = await live.ask(path, { method, headers, body });
    expect(refused.json).toMatchObject({ code: 400, reason: 'BadRequest' });
  });

  test('does not grow without bound by a patch that copies it into itself', async () => {
    const operations = Array.from({ length: 64 }, (_, at) => ({
      op: 'copy',
      from: '/metadata',
      path: `/metadata/copy${at}`,
    }));
    const headers = { 'content-type': 'application/json-patch+json' };
    const body = JSON.stringify(operations);
    const refused = await live.ask(NODE, { method: 'PATCH', headers, body });
    expect(refused.json).toMatchObject({ code: 422, reason: 'Invalid' });
  });
});
