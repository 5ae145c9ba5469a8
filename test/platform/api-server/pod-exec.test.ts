// `kubectl exec POD -- ip neigh`: over a WebSocket of this test's own, and by an unmodified kubectl.

import { once } from 'node:events';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { Pods } from '../../../src/kube/kinds/pod.ts';
import { type LiveLab, startLiveLab } from '../../support/live-lab.ts';
import { topologyOf } from '../../support/scenarios.ts';
import { requireTools } from '../../support/tools.ts';

const TOPOLOGY = `name: looked-at
segments: { lan: { subnet: 192.168.50.0/24 } }
hosts:
  db: { interfaces: { eth0: { segment: lan, address: 192.168.50.10 } } }
cluster:
  sdn: openshift-sdn
  segment: lan
  nodes:
    worker01: { address: 192.168.50.144, subnet: 10.11.0.0/23 }
    worker02: { address: 192.168.50.145, subnet: 10.8.2.0/23 }
  namespaces: { shop: { netid: 77 } }
  pods:
    web: { namespace: shop, node: worker01 }
    far: { namespace: shop, node: worker02 }
`;
const STREAMS = 4;
const SHOP = '/api/v1/namespaces/shop/pods';

let live: LiveLab;
beforeAll(async () => {
  live = await startLiveLab(topologyOf(TOPOLOGY, 'lab.yaml'), { limits: { streams: STREAMS } });
});
afterAll(async () => {
  await live.stop();
});

interface Heard {
  /** Text by number of the stream. */
  readonly streams: Readonly<Record<number, string>>;
  readonly code: number;
}

function open(
  path: string,
  protocols: readonly string[] = ['v5.channel.k8s.io'],
  headers: Readonly<Record<string, string>> = {},
): WebSocket {
  const { certificate, entry, token } = live;
  return new WebSocket(`wss://127.0.0.1:${entry.port}${path}`, [...protocols], {
    ca: certificate,
    headers: { authorization: `Bearer ${token}`, ...headers },
  });
}

async function hear(socket: WebSocket): Promise<Heard> {
  const streams: Record<number, string> = {};
  socket.on('message', (data: Buffer) => {
    const channel = data[0] ?? -1;
    streams[channel] = (streams[channel] ?? '') + data.subarray(1).toString('utf8');
  });
  const [code] = await once(socket, 'close');
  return { streams, code };
}

/** How a handshake is refused. */
async function refusal(socket: WebSocket): Promise<number> {
  socket.on('error', () => {});
  const [, response] = await once(socket, 'unexpected-response');
  socket.terminate();
  return response.statusCode;
}

const words = (...each: readonly string[]): string =>
  each.map((word) => `command=${encodeURIComponent(word)}`).join('&');
const exec = (pod: string, ...each: readonly string[]): string =>
  `${SHOP}/${pod}/exec?${words(...each)}&stdout=true&stderr=true`;

describe('the streams of a command', () => {
  test('carry what the tool prints, and how it ended', async () => {
    for (const protocol of ['v5.channel.k8s.io', 'v4.channel.k8s.io']) {
      const socket = open(exec('web', 'ip', '-br', 'addr'), ['other', protocol]);
      const { code, streams } = await hear(socket);
      expect(socket.protocol).toBe(protocol);
      expect(code).toBe(1000);
      expect(streams[1]).toBe((await live.cli('exec', 'web', '--', 'ip', '-br', 'addr')).stdout);
      expect(streams[1]).toContain('eth0');
      expect(streams[2]).toBeUndefined();
      expect(JSON.parse(streams[3] ?? '')).toEqual({ metadata: {}, status: 'Success' });
    }
  });

  test('say on stderr why nothing ran; only what was asked for is sent', async () => {
    const missing = await hear(open(exec('web', 'bash')));
    expect(missing.streams[1]).toBeUndefined();
    expect(missing.streams[2]).toContain('there is no "bash" on a machine of a lab\n');
    expect(JSON.parse(missing.streams[3] ?? '')).toMatchObject({
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '127' }] },
    });
    const wrong = await hear(open(`${SHOP}/web/exec?${words('ip', 'x')}&stdout=true`));
    expect(Object.keys(wrong.streams)).toEqual(['3']);
    expect(wrong.streams[3]).toContain('exit status 2');
    const terminal = await hear(open(`${exec('web', 'ip', 'x')}&tty=true`));
    expect(Object.keys(terminal.streams)).toEqual(['1', '3']);
    expect(terminal.streams[1]).toMatch(/^ip x is not known here\r\n/);
  });

  test('are cut when a client sends more than a message may hold, and the lab goes on', async () => {
    const socket = open(exec('web', 'ip', 'neigh'));
    socket.on('error', () => {});
    socket.once('open', () => socket.send(Buffer.alloc(100_000)));
    expect([1000, 1006, 1009]).toContain((await hear(socket)).code);
    expect((await live.ask(`${SHOP}/web`)).status).toBe(200);
  });
});

describe('nobody is let in', () => {
  test('without the token, under a foreign name, or for another protocol', async () => {
    const path = exec('web', 'ip', 'neigh');
    expect(await refusal(open(path, undefined, { authorization: 'Bearer wrong' }))).toBe(401);
    expect(await refusal(open(path, undefined, { host: 'evil.example' }))).toBe(403);
    expect(await refusal(open(path, ['graphql-ws']))).toBe(400);
    expect(await refusal(open(path, []))).toBe(400);
    // SPDY begins with a POST; and without any upgrade the answer is the same.
    const spdy = { connection: 'Upgrade', upgrade: 'SPDY/3.1' };
    for (const headers of [spdy, {}]) {
      const { json, status } = await live.ask(path, { method: 'POST', headers });
      expect(status).toBe(400);
      expect(json).toMatchObject({ message: expect.stringContaining('kubectl 1.30 and newer') });
    }
  });

  test('to what does not exist or does not run', async () => {
    expect(await refusal(open(exec('nothing', 'ip', 'neigh')))).toBe(404);
    expect(await refusal(open(`${SHOP}/web/exec?stdout=true`))).toBe(400);
    expect(await refusal(open(`${SHOP}/web/exec?${words('ip')}`))).toBe(400);
    expect(await refusal(open(`${exec('web', 'ip')}&container=x`))).toBe(400);
    expect(await refusal(open('/api/v1/nodes/worker01/exec?command=ip&stdout=true'))).toBe(404);
    const pending = { metadata: { name: 'pending' }, spec: { containers: [{ name: 'c' }] } };
    const body = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', ...pending });
    expect((await live.ask(SHOP, { method: 'POST', body })).status).toBe(201);
    expect(await refusal(open(exec('pending', 'ip', 'neigh')))).toBe(400);
    await live.cli('fail', 'worker02');
    expect(await refusal(open(exec('far', 'ip', 'neigh')))).toBe(500);
    await live.cli('restore', 'worker02');
  });

  test('with a handshake that is none, and none of it takes up a stream for good', async () => {
    const { certificate, entry, token } = live;
    const request = `GET ${exec('web', 'ip', 'neigh')} HTTP/1.1\r\nHost: 127.0.0.1:${entry.port}\r\nAuthorization: Bearer ${token}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: v5.channel.k8s.io\r\n`;
    for (let i = 0; i < STREAMS + 1; i++) {
      const socket = connect({ host: '127.0.0.1', port: entry.port ?? 0, ca: certificate });
      socket.write(`${request}Sec-WebSocket-Version: 1\r\n\r\n`);
      const [answer] = await once(socket, 'data');
      expect(String(answer)).toMatch(/^HTTP\/1\.1 (400|426) /);
      socket.destroy();
    }
    for (let i = 0; i < STREAMS + 1; i++) {
      expect((await hear(open(exec('web', 'ss', '-tan')))).code).toBe(1000);
    }
  });

  test('more often than there is room; a client that stays does not keep the lab from ending', async () => {
    const other = await startLiveLab(topologyOf(TOPOLOGY.replace('looked-at', 'left'), 'b.yaml'));
    const { certificate, entry, token } = other;
    const socket = connect({ host: '127.0.0.1', port: entry.port ?? 0, ca: certificate });
    socket.write(
      `GET ${exec('web', 'ip', 'neigh')} HTTP/1.1\r\nHost: 127.0.0.1:${entry.port}\r\nAuthorization: Bearer ${token}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: v5.channel.k8s.io\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    );
    socket.on('error', () => {});
    const closed = once(socket, 'close');
    await once(socket, 'data');
    await other.stop();
    await closed;

    const watches = [];
    for (let i = 0; i < STREAMS; i++) {
      watches.push(await live.stream(`${SHOP}?watch=true`, { 'user-agent': `w${i % 2}` }));
    }
    expect(await refusal(open(exec('web', 'ip', 'neigh')))).toBe(429);
    for (const watch of watches) {
      watch.close();
      await watch.ended;
    }
  });
});

const tools =
  process.env.EGRESSLAB_NO_KUBECTL === '1'
    ? { skip: true, remark: ' (skipped: no kubectl for this system)' }
    : requireTools('kubectl');

describe.skipIf(tools.skip)(`an unmodified kubectl${tools.remark}`, () => {
  const kubectl = (...each: readonly string[]): ReturnType<LiveLab['kubectl']> =>
    live.kubectl('exec', '-n', 'shop', ...each);

  test('runs the tools of Linux on pods, and on the node below a pod with its network', async () => {
    expect((await live.cli('ping', 'web', '192.168.50.10', '--count', '1')).code).toBe(0);
    const pods = live.lab.cluster?.store.list(Pods).items ?? [];
    const { metadata } = pods.find(
      ({ spec }) => spec.hostNetwork && spec.nodeName === 'worker01',
    ) ?? {
      metadata: { name: '', namespace: '' },
    };
    const onNode = (...each: readonly string[]): ReturnType<LiveLab['kubectl']> =>
      live.kubectl('exec', '-n', metadata.namespace ?? '', metadata.name, '--', ...each);
    expect(await onNode('ip', 'addr')).toEqual(
      await live.cli('exec', 'worker01', '--', 'ip', 'addr'),
    );
    expect((await onNode('ip', 'neigh')).stdout).toContain('192.168.50.10 dev ');
    expect((await onNode('conntrack', '-L')).stdout).toContain('dst=192.168.50.10');
    const json = await kubectl('web', '--', 'ip', '-j', 'neigh');
    expect(json).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(json.stdout)).toEqual(expect.any(Array));
    // With a standard input that the tools do not read.
    expect((await kubectl('-i', 'web', '-c', 'web', '--', 'ip', 'addr')).stdout).toContain('eth0');
  });

  test('ends as the tool does, with its words on stderr', async () => {
    const missing = await kubectl('web', '--', 'bash');
    expect(missing).toMatchObject({ code: 127, stdout: '' });
    expect(missing.stderr).toMatch(
      /^there is no "bash" .*\n.*\ncommand terminated with exit code 127\n$/,
    );
    expect(await kubectl('web', '--', 'ip', 'neigh', 'flush')).toMatchObject({ code: 2 });
    const nobody = await kubectl('nobody', '--', 'ip', 'addr');
    expect(nobody).toMatchObject({ code: 1, stdout: '' });
    expect(nobody.stderr).toBe('Error from server (NotFound): pods "nobody" not found\n');
  });
});
