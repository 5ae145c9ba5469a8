// A lab served over HTTPS in this very process, its time running as fast as a test likes, and the
// means to talk to it: requests with the token, and programs with its kubeconfig.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest, type RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../src/cli/run.ts';
import type { Lab } from '../../src/lab/lab.ts';
import type { ListenerLimits } from '../../src/platform/api-server/https-listener.ts';
import type { LabEntry } from '../../src/platform/control/lab-entry.ts';
import { findLab } from '../../src/platform/control/lab-registry.ts';
import { LabServer } from '../../src/platform/lab-server.ts';
import {
  type Doorbell,
  monotonicClock,
  RealtimeDriver,
  TimerDoorbell,
} from '../../src/platform/realtime-driver.ts';
import { ScenarioSession } from '../../src/scenario/session.ts';
import type { Topology } from '../../src/topology/topology.ts';
import { type FakeIo, fakeIo } from '../cli/fake-io.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body, when it is JSON. */
  readonly json: unknown;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What a program printed and how it ended. */
export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/** Lines of a stream that goes on, as they come. */
export interface Streamed {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly lines: string[];
  /** Resolves once so many lines are there, or the stream has ended. */
  until(count: number): Promise<readonly string[]>;
  readonly ended: Promise<void>;
  close(): void;
}

export interface LiveLab {
  readonly lab: Lab;
  readonly entry: LabEntry;
  readonly server: LabServer;
  readonly token: string;
  readonly certificate: string;
  readonly kubeconfig: string;
  /** For programs that want one: empty, and gone afterwards. */
  readonly home: string;
  /** What was said when it started. */
  readonly said: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Asks with the token and a sound Host header, unless told otherwise. */
  ask(path: string, asked?: Asked): Promise<Answer>;
  stream(path: string, headers?: Readonly<Record<string, string>>): Promise<Streamed>;
  /** Runs kubectl to its end. */
  kubectl(...words: readonly string[]): Promise<Ended>;
  /** Runs an egresslab command in this process. */
  cli(...words: readonly string[]): Promise<Ended>;
  /** The same while it goes on. */
  cliIo(...words: readonly string[]): { readonly io: FakeIo; readonly code: Promise<number> };
  stop(): Promise<void>;
}

export interface LiveSettings {
  readonly name?: string;
  /** Another name will do when it is taken. */
  readonly anyName?: boolean;
  /** Lab seconds per second. */
  readonly speed?: number;
  readonly limits?: Partial<ListenerLimits>;
  /** Shared by several labs of one test. */
  readonly runtimeDirectory?: string;
  readonly withScenario?: boolean;
}

/** Waits with the wall clock for what is due in a lab that runs faster. */
class FastDoorbell implements Doorbell {
  readonly #timer = new TimerDoorbell();
  readonly #speed: number;

  constructor(speed: number) {
    this.#speed = speed;
  }

  wait(atMost: number): Promise<void> {
    return this.#timer.wait(atMost / this.#speed);
  }

  serve(): boolean {
    return false;
  }

  ring(): void {
    this.#timer.ring();
  }
}

/** Starts a topology; the caller stops it. */
export async function startLiveLab(
  topology: Topology,
  settings: LiveSettings = {},
): Promise<LiveLab> {
  const {
    name = topology.name,
    anyName = false,
    speed = 1,
    limits,
    withScenario = false,
  } = settings;
  const home = mkdtempSync(join(tmpdir(), 'egresslab-live-'));
  const environment = { XDG_RUNTIME_DIR: settings.runtimeDirectory ?? home };
  const session = new ScenarioSession(topology, { withScenario, openEnded: true });
  session.begin();
  const { lab } = session;
  const driver = new RealtimeDriver({
    scheduler: lab.scheduler,
    events: lab.events,
    doorbell: new FastDoorbell(speed),
    clock: () => monotonicClock() * speed,
  });
  const server = new LabServer({
    name,
    anyName,
    port: 0,
    kubeconfig: null,
    workingDirectory: home,
    environment,
    stop: () => {},
    ...(limits === undefined ? {} : { limits }),
  });
  const said: string[] = [];
  try {
    await server.start(lab, driver, (line) => said.push(line), session);
  } catch (error) {
    session.dispose();
    rmSync(home, { recursive: true });
    throw error;
  }
  const abort = new AbortController();
  const running = driver.run(abort.signal);
  const named = said.at(-1)?.split('--lab ')[1] ?? name;
  const entry = findLab(named, environment);
  const token = readFileSync(entry.tokenFile, 'utf8');
  const certificate = readFileSync(entry.certificateFile, 'utf8');
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const options = (path: string, { headers = {}, method = 'GET' }: Asked): RequestOptions => ({
    host: '127.0.0.1',
    port: entry.port,
    path,
    method,
    ca: certificate,
    agent: false,
    // The authority is the certificate itself; names are tried out.
    checkServerIdentity: () => undefined,
    headers: { authorization: `Bearer ${token}`, ...headers },
  });
  const kubeconfig = entry.kubeconfig ?? '';
  const cliIo = (...words: readonly string[]): { io: FakeIo; code: Promise<number> } => {
    const io = fakeIo({ environment });
    const code = run(words, io, () => Promise.reject(new Error('no scenario here')));
    return { io, code };
  };
  return {
    lab,
    entry,
    server,
    token,
    certificate,
    kubeconfig,
    home,
    said,
    environment,
    ask: (path, asked = {}) => exchange({ ...options(path, withLength(asked)), agent }, asked.body),
    stream: (path, headers = {}) => follow(options(path, { headers })),
    kubectl: (...words) => program('kubectl', words, { HOME: home, KUBECONFIG: kubeconfig }),
    cliIo,
    cli: async (...words) => {
      const { io, code } = cliIo(...words);
      return { code: await code, stdout: io.out(), stderr: io.err() };
    },
    stop: async () => {
      agent.destroy();
      abort.abort();
      await running;
      await server.stop();
      session.dispose();
      rmSync(home, { recursive: true });
    },
  };
}

/** Node.js gives DELETE no length of its own, and the body would be another request. */
function withLength(asked: Asked): Asked {
  if (asked.body === undefined) return asked;
  const length = String(Buffer.byteLength(asked.body));
  return { ...asked, headers: { 'content-length': length, ...asked.headers } };
}

function exchange(options: RequestOptions, body: string | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = httpsRequest(options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => {
        const { headers, statusCode: status = 0 } = response;
        const isJson = headers['content-type']?.startsWith('application/json') === true;
        resolve({
          status,
          headers,
          text,
          get json(): unknown {
            return isJson && text.trim() !== '' ? JSON.parse(text) : null;
          },
        });
      });
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

function follow(options: RequestOptions): Promise<Streamed> {
  return new Promise((resolve, reject) => {
    const sent = httpsRequest(options, (response) =>
      resolve(streamed(response, () => sent.destroy())),
    );
    sent.on('error', reject);
    sent.end();
  });
}

function streamed(response: IncomingMessage, close: () => void): Streamed {
  const lines: string[] = [];
  const waiting: (() => void)[] = [];
  let rest = '';
  let over = false;
  const wake = (): void => {
    for (const each of waiting.splice(0)) each();
  };
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
    wake();
  });
  response.on('error', () => {});
  const ended = new Promise<void>((resolve) => {
    response.on('close', () => {
      over = true;
      wake();
      resolve();
    });
  });
  const until = async (count: number): Promise<readonly string[]> => {
    while (lines.length < count && !over) {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
    }
    return lines;
  };
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    lines,
    until,
    ended,
    close,
  };
}

/** Runs a program to its end; what it prints is in the result, whatever its exit code. */
export function program(
  name: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env.PATH ?? '', ...environment };
    execFile(name, words, { env, timeout: 60_000 }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') reject(error);
      else resolve({ stdout, stderr, code: typeof error?.code === 'number' ? error.code : 0 });
    });
  });
}
