// Serves the playground: the files of dist/web, on 127.0.0.1 alone. There is nothing to ask of it but these files,
// so there is no token; whoever comes under another name (DNS rebinding) is refused all the same.

import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { closeServer, listenOnLoopback } from './loopback.ts';
import { webAsset } from './web-assets.ts';

/** A topology that the page begins with. */
export interface FirstTopology {
  readonly name: string;
  readonly text: string;
}

const TYPES: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'report.html': 'text/html; charset=utf-8',
  'playground.js': 'text/javascript; charset=utf-8',
  'worker.js': 'text/javascript; charset=utf-8',
  'style.css': 'text/css; charset=utf-8',
};

/** With which every page of this machine is served. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; worker-src 'self'; connect-src 'self'; img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** Where the labs stand in the page; the build writes it (build/web.mjs). */
const LABS = '<script id="labs" type="application/json">[';

/** What a client of a page can take up: the time for headers and for a whole request, the size of headers. */
export const PAGE_BOUNDS: ServerOptions = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16 * 1024,
};
/** And connections in all; a browser opens six. */
export const PAGE_CONNECTIONS = 256;

/** A server of the playground. */
export class WebServer {
  readonly #files: ReadonlyMap<string, Buffer>;
  readonly #server: Server;
  #port = 0;

  /** `first` stands before the included labs. @throws EgressLabError EGL_FILE_NOT_FOUND without a build */
  constructor(first: FirstTopology | null) {
    this.#files = new Map(
      Object.keys(TYPES).map((name) => [
        name,
        name === 'index.html' ? indexPage(first) : webAsset(name),
      ]),
    );
    this.#server = createServer(PAGE_BOUNDS, (request, response) => this.#serve(request, response));
    this.#server.maxConnections = PAGE_CONNECTIONS;
  }

  /** Listens; returns the address for a browser. @throws EgressLabError EGL_PORT_IN_USE, EGL_LISTEN */
  async start(port: number): Promise<string> {
    this.#port = await listenOnLoopback(this.#server, port, '--port');
    return `http://127.0.0.1:${this.#port}/`;
  }

  /** Listens no more. */
  stop(): Promise<void> {
    return closeServer(this.#server);
  }

  #serve({ headers, method, url = '' }: IncomingMessage, response: ServerResponse): void {
    const own = [`127.0.0.1:${this.#port}`, `localhost:${this.#port}`];
    const path = url.split('?')[0] ?? '';
    const name = path === '/' ? 'index.html' : path.slice(1);
    const file = this.#files.get(name);
    if (!own.includes(headers.host ?? '')) refuse(response, 421, 'This is not my name.');
    else if (method !== 'GET' && method !== 'HEAD') refuse(response, 405, 'Only GET and HEAD.');
    else if (file === undefined) refuse(response, 404, 'There is no such file.');
    else {
      response.writeHead(200, {
        ...PAGE_HEADERS,
        'content-type': TYPES[name],
        'content-length': file.length,
      });
      response.end(method === 'HEAD' ? undefined : file);
    }
  }
}

/** One sentence instead of a page. */
export function refuse(response: ServerResponse, status: number, why: string): void {
  response.writeHead(status, { ...PAGE_HEADERS, 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${why}\n`);
}

/** The page, beginning with a topology of the user's. */
function indexPage(first: FirstTopology | null): Buffer {
  const page = webAsset('index.html');
  if (first === null) return page;
  // In a script element a "<" could end it; in JSON it can be written otherwise.
  const own = JSON.stringify(first).replaceAll('<', '\\u003c');
  return Buffer.from(page.toString('utf8').replace(LABS, () => `${LABS}${own},`));
}
