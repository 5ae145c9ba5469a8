// A client that means harm to a running lab, with a bounded number of connections of its own: strangers
// that say nothing, requests that stop in the middle, handshakes that are no TLS; with the token as well,
// watchers that do not read, large objects, deep JSON, bodies that never end.

import { type RequestOptions, request } from 'node:https';
import { createConnection, type Socket } from 'node:net';
import { connect } from 'node:tls';

/** What it attacks. */
export interface Target {
  readonly port: number;
  readonly token: string;
  /** PEM. */
  readonly certificate: string;
}

/** How hard. */
export interface Force {
  /** Connections that never show the token. */
  readonly strangers: number;
  /** Connections that do, and then do not read. */
  readonly watchers: number;
}

/** Of a large annotation; below what is refused. */
const LARGE = 200 * 1024;
const BATCH = 32;

/** Keeps a lab busy until it is stopped. */
export class HostileClient {
  readonly #target: Target;
  readonly #force: Force;
  readonly #sockets = new Set<Socket>();
  #going = false;
  #turn = 0;
  /** What the lab answered to what it should refuse, by status; 0 for a cut connection. */
  readonly answers = new Map<number, number>();
  /** Connections that were opened so far. */
  opened = 0;

  constructor(target: Target, force: Force) {
    this.#target = target;
    this.#force = force;
  }

  /** Resolves once `stop` was called and everything is closed. */
  async run(): Promise<void> {
    this.#going = true;
    for (let i = 0; i < this.#force.watchers; i++) this.#watch(i);
    while (this.#going) {
      for (let i = 0; i < BATCH; i++) this.#stranger();
      await this.#disturb();
      await new Promise((resolve) => {
        setTimeout(resolve, 5);
      });
    }
    for (const socket of this.#sockets) socket.destroy();
  }

  stop(): void {
    this.#going = false;
  }

  #keep(socket: Socket): void {
    this.opened++;
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => this.#sockets.delete(socket));
  }

  /** One more connection without a token, in the place of the oldest. */
  #stranger(): void {
    const { port } = this.#target;
    const socket = createConnection({ host: '127.0.0.1', port });
    this.#keep(socket);
    const turn = this.#turn++;
    if (turn % 3 === 1) socket.write('GET / HTTP/1.1\r\n\r\n');
    if (turn % 3 === 2) socket.write(Buffer.from([0x16, 0x03, 0x01, 0x40, 0x00, turn & 0xff]));
    const bound = this.#force.strangers + this.#force.watchers;
    for (const oldest of this.#sockets) {
      if (this.#sockets.size <= bound) break;
      if ('encrypted' in oldest) continue;
      oldest.destroy();
      this.#sockets.delete(oldest);
    }
  }

  /** A watch of everything whose answer is never read. */
  #watch(number: number): void {
    const { certificate, port, token } = this.#target;
    const socket = connect({ host: '127.0.0.1', port, ca: certificate });
    this.#keep(socket);
    socket.pause();
    socket.write(
      `GET /api/v1/nodes?watch=true HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\nUser-Agent: hostile-${number % 4}\r\n\r\n`,
    );
    socket.once('close', () => {
      if (this.#going) setTimeout(() => this.#going && this.#watch(number), 50);
    });
  }

  /** A write that makes every watcher's answer longer, and one that is to be refused. */
  async #disturb(): Promise<void> {
    const node = '/api/v1/nodes/hostile';
    const merge = { 'content-type': 'application/merge-patch+json' };
    const json = { 'content-type': 'application/json' };
    const filler = `${this.#turn}`.repeat(Math.floor(LARGE / `${this.#turn}`.length));
    const large = JSON.stringify({ metadata: { annotations: { filler } } });
    const fresh = JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'hostile' } });
    await this.#send('POST', '/api/v1/nodes', json, fresh);
    await this.#send('PATCH', node, merge, large);
    const deep = '['.repeat(100_000);
    this.#count(await this.#send('POST', '/api/v1/nodes', json, deep + ']'.repeat(100_000)));
    const huge = JSON.stringify({ metadata: { annotations: { huge: 'x'.repeat(2_900_000) } } });
    this.#count(await this.#send('PATCH', node, merge, huge));
    const bomb = Array.from({ length: 40 }, (_, at) => ({
      op: 'copy',
      from: '',
      path: `/bomb${at}`,
    }));
    const patch = { 'content-type': 'application/json-patch+json' };
    this.#count(await this.#send('PATCH', node, patch, JSON.stringify(bomb)));
  }

  #count(status: number): void {
    this.answers.set(status, (this.answers.get(status) ?? 0) + 1);
  }

  #send(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string,
  ): Promise<number> {
    return send(this.#target, { method, path, headers }, body).catch(() => 0);
  }
}

/** The status of one request with the token. */
export function send(
  { certificate, port, token }: Target,
  options: RequestOptions & { readonly headers: Readonly<Record<string, string>> },
  body: string,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        ...options,
        host: '127.0.0.1',
        port,
        ca: certificate,
        agent: false,
        headers: {
          ...options.headers,
          authorization: `Bearer ${token}`,
          'content-length': Buffer.byteLength(body),
        },
      },
      (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode ?? 0));
        response.once('error', reject);
      },
    );
    sent.once('error', reject);
    sent.end(body);
  });
}
