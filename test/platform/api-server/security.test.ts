// Who is not let in, and what nobody may take up: tokens, Host headers, sizes, slowness, numbers.

import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCertificate } from '../../../src/platform/api-server/certificate.ts';
import { der, integer, objectIdentifier } from '../../../src/platform/api-server/der.ts';
import { carriesToken, createToken } from '../../../src/platform/api-server/token.ts';
import { type LiveLab, startLiveLab } from '../../support/live-lab.ts';
import { topologyOf } from '../../support/scenarios.ts';

const TOPOLOGY = `name: guarded
segments: { lan: { subnet: 192.168.50.0/24 } }
cluster:
  sdn: openshift-sdn
  segment: lan
  nodes:
    master01: { role: master, address: 192.168.50.141, subnet: 10.10.0.0/23 }
`;

const NODES = '/api/v1/nodes';
const STREAMS = 3;
const HEADERS_MILLISECONDS = 400;

let live: LiveLab;
beforeAll(async () => {
  live = await startLiveLab(topologyOf(TOPOLOGY, 'lab.yaml'), {
    limits: {
      streams: STREAMS,
      headersMilliseconds: HEADERS_MILLISECONDS,
      requestMilliseconds: 800,
    },
  });
});
afterAll(async () => {
  await live.stop();
});

/** A connection on which anything can be said. */
async function raw(): Promise<{
  socket: TLSSocket;
  heard: () => string;
  closed: Promise<unknown>;
}> {
  const socket = connect({
    host: '127.0.0.1',
    port: live.entry.port ?? 0,
    ca: live.certificate,
  });
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('error', () => {});
  const closed = new Promise((resolve) => {
    socket.on('close', resolve);
  });
  await once(socket, 'secureConnect');
  return { socket, heard: () => text, closed };
}

describe('the token', () => {
  test.each([
    ['missing', {}],
    ['wrong', { authorization: 'Bearer nonsense' }],
    ['of another scheme', { authorization: 'Basic YTpi' }],
    ['empty', { authorization: 'Bearer ' }],
  ])('%s: 401, whatever is asked for', async (_what, headers) => {
    for (const path of [NODES, '/version', '/egresslab/v1', '/nonsense']) {
      // An undefined header would be sent as the word.
      const answer = await live.ask(path, { headers: { authorization: '', ...headers } });
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Bearer');
      expect(answer.json).toMatchObject({ kind: 'Status', reason: 'Unauthorized', code: 401 });
    }
  });

  test('is compared as a whole', () => {
    const token = createToken();
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(carriesToken(`Bearer ${token}`, token)).toBe(true);
    expect(carriesToken(`bearer  ${token} `, token)).toBe(true);
    for (const wrong of [undefined, '', token, `Bearer ${token.slice(1)}`, `Bearer ${token}x`]) {
      expect(carriesToken(wrong, token)).toBe(false);
    }
  });

  test('is in files that only their owner reads', () => {
    for (const file of [live.entry.tokenFile, live.kubeconfig, live.entry.certificateFile]) {
      expect(statSync(file).mode & 0o777, file).toBe(0o600);
    }
  });
});

describe('the Host header', () => {
  test.each(['evil.example', '127.0.0.1', '127.0.0.1:1', 'localhost.evil.example:80'])(
    'of %s is refused: a web page may have resolved its name to us',
    async (host) => {
      const answer = await live.ask(NODES, { headers: { host } });
      expect(answer.json).toMatchObject({ code: 403, reason: 'Forbidden' });
    },
  );

  test('of localhost is ours', async () => {
    const host = `localhost:${live.entry.port}`;
    expect((await live.ask(NODES, { headers: { host } })).status).toBe(200);
  });
});

describe('what is asked', () => {
  test('a body beyond 3 MiB is refused, announced or not', async () => {
    const headers = { 'content-type': 'application/merge-patch+json' };
    const body = ' '.repeat(3 * 1024 * 1024 + 1);
    const path = `${NODES}/master01`;
    const announced = await live.ask(path, { method: 'PATCH', headers, body });
    expect(announced.json).toMatchObject({
      code: 413,
      message: 'Request entity too large: limit is 3145728',
    });
    const chunked = await raw();
    chunked.socket.write(
      `PATCH ${path} HTTP/1.1\r\nHost: 127.0.0.1:${live.entry.port}\r\nAuthorization: Bearer ${live.token}\r\nContent-Type: application/merge-patch+json\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    const chunk = `100000\r\n${' '.repeat(0x100000)}\r\n`;
    for (let i = 0; i < 4; i++) chunked.socket.write(chunk);
    await chunked.closed;
    expect(chunked.heard()).toContain('HTTP/1.1 413 ');
  });

  test('headers beyond 16 KiB are refused', async () => {
    const answer = await live.ask(NODES, { headers: { 'x-long': 'x'.repeat(20_000) } });
    expect(answer.status).toBe(431);
  });

  test('a client that dawdles over its headers, or its body, is cut off', async () => {
    const slow = await raw();
    slow.socket.write('GET / HTTP/1.1\r\nHost: ');
    await slow.closed;
    expect(slow.heard()).toContain('HTTP/1.1 408 ');
    const body = await raw();
    body.socket.write(
      `PATCH ${NODES}/master01 HTTP/1.1\r\nHost: 127.0.0.1:${live.entry.port}\r\nAuthorization: Bearer ${live.token}\r\nContent-Type: application/merge-patch+json\r\nContent-Length: 10\r\n\r\n{`,
    );
    await body.closed;
    expect(body.heard()).toContain('HTTP/1.1 408 ');
  });

  test('paths that climb, or are none, lead nowhere', async () => {
    for (const path of ['/api/v1/../../etc/passwd', '/api/v1/nodes/%2e%2e', '/api/%ff', '//x']) {
      expect((await live.ask(path)).json).toMatchObject({ code: 404 });
    }
    const star = await live.ask('*', { method: 'OPTIONS' });
    expect(star.json).toMatchObject({ code: 404 });
  });

  test('plain HTTP is no language here', async () => {
    const request = httpRequest({ host: '127.0.0.1', port: live.entry.port, path: '/version' });
    request.end();
    await expect(once(request, 'response')).rejects.toThrow();
  });
});

describe('watchers', () => {
  test('beyond the bound are told to come later, and may when others have gone', async () => {
    const watch = `${NODES}?watch=true`;
    const open = [];
    for (let i = 0; i < STREAMS; i++) open.push(await live.stream(watch));
    const refused = await live.ask(watch);
    expect(refused.json).toMatchObject({ code: 429, reason: 'TooManyRequests' });
    expect(refused.headers['retry-after']).toBe('1');
    for (const each of open) each.close();
    let later = await live.stream(watch);
    while (later.status !== 200) {
      later.close();
      later = await live.stream(watch);
    }
    later.close();
  });
});

describe('the certificate', () => {
  test('is what OpenSSL reads: for 127.0.0.1, by itself, for a year', () => {
    const { certificate, privateKey } = createCertificate('egresslab blue');
    const read = new X509Certificate(certificate);
    expect(read.subject).toBe('CN=egresslab blue');
    expect(read.issuer).toBe(read.subject);
    expect(read.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(read.checkHost('localhost')).toBe('localhost');
    expect(read.checkIP('127.0.0.2')).toBeUndefined();
    expect(read.verify(read.publicKey)).toBe(true);
    expect(read.ca).toBe(true);
    expect(privateKey).toContain('PRIVATE KEY');
    const days = (Date.parse(read.validTo) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(364);
  });

  test('DER: long lengths, signs and arcs above 127', () => {
    const hex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex');
    expect(hex(der(0x04, new Uint8Array(127))).slice(0, 4)).toBe('047f');
    expect(hex(der(0x04, new Uint8Array(128))).slice(0, 6)).toBe('048180');
    expect(hex(der(0x04, new Uint8Array(256))).slice(0, 8)).toBe('04820100');
    expect(hex(integer(Uint8Array.of(0x80)))).toBe('02020080');
    expect(hex(integer(Uint8Array.of(0x7f)))).toBe('02017f');
    expect(hex(objectIdentifier('1.2.840.10045.4.3.2'))).toBe('06082a8648ce3d040302');
  });
});

test('a port that is taken is told, with what to do', async () => {
  const squatter = createServer().listen(0, '127.0.0.1');
  await once(squatter, 'listening');
  const { port } = squatter.address() as AddressInfo;
  const { HttpsListener } = await import('../../../src/platform/api-server/https-listener.ts');
  const certificate = createCertificate('x');
  const listener = new HttpsListener({ port, token: 'x', certificate, serve: () => {} });
  await expect(listener.open()).rejects.toMatchObject({ code: 'EGL_PORT_IN_USE' });
  squatter.close();
});
