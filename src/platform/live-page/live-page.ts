// The page of a running lab, for a browser of this machine: the files of the page, a stream of what happens, and
// commands as a terminal takes them. Everything it does to the lab goes through the handler of commands.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Lab } from '../../lab/lab.ts';
import type { ScenarioSession } from '../../scenario/session.ts';
import { closeServer, listenOnLoopback } from '../loopback.ts';
import type { RealtimeDriver } from '../realtime-driver.ts';
import { webAsset } from '../web-assets.ts';
import { PAGE_BOUNDS, PAGE_CONNECTIONS, PAGE_HEADERS, refuse } from '../web-server.ts';
import { LabWatch } from './lab-watch.ts';
import { PageGate } from './page-gate.ts';

const FILES: Readonly<Record<string, { readonly asset: string; readonly type: string }>> = {
  '/': { asset: 'live.html', type: 'text/html; charset=utf-8' },
  '/live.js': { asset: 'live.js', type: 'text/javascript; charset=utf-8' },
  '/style.css': { asset: 'style.css', type: 'text/css; charset=utf-8' },
};

/** A page that has left so much unread is spared until it has read it. */
const BEHIND_OCTETS = 1024 * 1024;
/** Nobody looks at one lab in more windows. */
const WATCHER_LIMIT = 8;
const COMMAND_LIMIT = 8;
const COMMAND_OCTETS = 16 * 1024;

/** A command that was typed on the page. */
export interface PageCommand {
  readonly line: string;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** The page hung up. */
  readonly signal: AbortSignal;
}

/** What a page is served for. */
export interface LivePageOptions {
  /** 0: any free port. */
  readonly port: number;
  /** As commands call the lab; asked once it runs. */
  readonly lab: () => string;
  /** Carries out a command; resolves with its exit code. Never rejects. */
  readonly command: (command: PageCommand) => Promise<number>;
  /** Called with the first link. */
  readonly onLink: (link: string) => void;
}

/** Serves the page of one lab. */
export class LivePage {
  readonly #options: LivePageOptions;
  readonly #files: ReadonlyMap<string, Buffer>;
  readonly #gate: PageGate = new PageGate();
  readonly #server: Server;
  #watch: LabWatch | null = null;
  #say: (line: string) => void = () => {};
  #watchers = 0;
  #commands = 0;

  /** @throws EgressLabError EGL_FILE_NOT_FOUND without a build */
  constructor(options: LivePageOptions) {
    this.#options = options;
    this.#files = new Map(
      Object.entries(FILES).map(([path, { asset }]) => [path, webAsset(asset)]),
    );
    this.#server = createServer(PAGE_BOUNDS, (request, response) =>
      this.#answer(request, response),
    );
    this.#server.maxConnections = PAGE_CONNECTIONS;
  }

  /** @throws EgressLabError EGL_PORT_IN_USE, EGL_LISTEN */
  async start(
    _lab: Lab,
    driver: RealtimeDriver,
    say: (line: string) => void,
    session: ScenarioSession,
  ): Promise<void> {
    const { lab, onLink, port } = this.#options;
    this.#gate.port = await listenOnLoopback(this.#server, port, '--web-port');
    this.#watch = new LabWatch(session, driver, lab());
    this.#say = say;
    say(`The page of this lab: ${this.#gate.link}`);
    onLink(this.#gate.link);
  }

  /** Tells all pages that the lab has ended. */
  async stop(): Promise<void> {
    this.#watch?.end();
    await closeServer(this.#server);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    response.on('error', () => {});
    const admission = this.#gate.admit(request);
    if (admission.kind === 'refused') {
      refuse(response, admission.status, admission.why);
      return;
    }
    if (admission.kind === 'welcome') {
      const headers = { ...PAGE_HEADERS, location: '/', 'set-cookie': admission.cookie };
      response.writeHead(303, headers).end();
      this.#say(`The page of this lab, for another browser: ${this.#gate.link}`);
      return;
    }
    const { method, url = '' } = request;
    const path = url.split('?')[0] ?? '';
    const file = this.#files.get(path);
    if (method === 'GET' && file !== undefined) {
      const type = FILES[path]?.type ?? '';
      const headers = { ...PAGE_HEADERS, 'content-type': type, 'content-length': file.length };
      response.writeHead(200, headers).end(file);
    } else if (method === 'GET' && path === '/stream') this.#stream(response);
    else if (method === 'POST' && path === '/command') void this.#command(request, response);
    else refuse(response, 404, 'There is nothing of that name.');
  }

  #stream(response: ServerResponse): void {
    if (this.#watch === null || this.#watchers >= WATCHER_LIMIT) {
      refuse(response, 429, `${WATCHER_LIMIT} pages watch this lab; close one of them.`);
      return;
    }
    this.#watchers++;
    begin(response);
    const stop = this.#watch.add({
      write: (line) => response.write(line),
      get isBehind(): boolean {
        return response.writableLength > BEHIND_OCTETS;
      },
    });
    response.on('close', () => {
      this.#watchers--;
      stop();
    });
  }

  async #command(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const line = await bodyOf(request);
    if (line === null) {
      refuse(response, 413, 'This command is too long.');
    } else if (this.#commands >= COMMAND_LIMIT) {
      refuse(response, 429, `${COMMAND_LIMIT} commands are under way; stop one of them.`);
    } else {
      this.#commands++;
      const abort = new AbortController();
      response.on('close', () => abort.abort());
      begin(response);
      const say = (message: object): void => {
        // Who does not read a command's words has them cut, not kept.
        if (response.writableLength <= BEHIND_OCTETS)
          response.write(`${JSON.stringify(message)}\n`);
      };
      const exit = await this.#options.command({
        line,
        out: (out) => say({ out }),
        err: (err) => say({ err }),
        signal: abort.signal,
      });
      this.#commands--;
      response.end(`${JSON.stringify({ exit })}\n`);
    }
  }
}

function begin(response: ServerResponse): void {
  response.writeHead(200, { ...PAGE_HEADERS, 'content-type': 'application/x-ndjson' });
  response.flushHeaders();
}

/** Null for one that is too long, or was not finished. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > COMMAND_OCTETS) return null;
      chunks.push(chunk);
    }
  } catch {
    return null;
  }
  return Buffer.concat(chunks).toString('utf8');
}
