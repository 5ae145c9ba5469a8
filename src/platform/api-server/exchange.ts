// One request and its answer, as handlers see them: JSON in, JSON or a stream out, failures as Status.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JsonValue } from '../../kube/json.ts';
import { type ParsedJson, parseJson } from '../../kube/json-syntax.ts';
import type { Status } from '../../kube/server/status.ts';
import * as status from '../../kube/server/status.ts';
import type { BodyRoom } from './body-room.ts';
import {
  asksForChannels,
  type ChannelSocket,
  type ChannelSockets,
  type UpgradeRequest,
} from './channel-socket.ts';
import { ReplyStream, type StreamRegistry } from './reply-stream.ts';

/** As the API server's limit (apiserver MaxRequestBodyBytes). */
export const BODY_LIMIT_BYTES: number = 3 * 1024 * 1024;

/** What all exchanges of a listener share. */
export interface SharedRoom {
  readonly streams: StreamRegistry;
  readonly bodies: BodyRoom;
  readonly channels: ChannelSockets;
}

/** More of what a client calls itself tells nobody apart. */
const CLIENT_LENGTH = 128;

/** More warnings about one request help nobody. */
const WARNING_LIMIT = 20;
const WARNING_LENGTH = 256;

/** A quoted string that a header can hold. */
function headerText(text: string): string {
  const quoted = JSON.stringify(text.slice(0, WARNING_LENGTH));
  return quoted.replaceAll(/[^ -~]/g, '?');
}

/** The body as text, or why there is none. */
export type BodyText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly status: Status };

/** One request and its answer. */
export class Exchange {
  readonly method: string;
  /** Decoded segments between the slashes. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #shared: SharedRoom;
  readonly #upgrade: UpgradeRequest | null;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    shared: SharedRoom,
    upgrade: UpgradeRequest | null = null,
  ) {
    const { method = '', url = '' } = request;
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    this.method = method;
    // Nothing is normalized: '..' is a name like any other, and names nothing.
    this.path = path
      .split('/')
      .filter((segment) => segment !== '')
      .map(decodeSegment);
    this.query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
    this.#request = request;
    this.#response = response;
    this.#shared = shared;
    this.#upgrade = upgrade;
  }

  /** A request header; '' when it is missing. */
  header(name: string): string {
    const value = this.#request.headers[name];
    return typeof value === 'string' ? value : (value?.join(', ') ?? '');
  }

  /** 'application/json' of 'application/json; charset=utf-8'. */
  get contentType(): string {
    return this.header('content-type').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  }

  /** The whole body; refused as soon as it is known to be too large. */
  async body(): Promise<BodyText> {
    // What comes on a connection that is to be no longer HTTP is no body.
    if (this.#upgrade !== null)
      return { ok: false, status: status.badRequest('this is an upgrade') };
    const announced = Number(this.header('content-length'));
    if (announced > BODY_LIMIT_BYTES) return this.#refuseBody();
    const chunks: Buffer[] = [];
    let size = 0;
    try {
      for await (const chunk of this.#request as AsyncIterable<Buffer>) {
        if (size + chunk.length > BODY_LIMIT_BYTES) return this.#refuseBody();
        if (!this.#shared.bodies.take(chunk.length)) {
          return this.#refuseBody(status.tooManyRequests('request bodies'));
        }
        size += chunk.length;
        chunks.push(chunk);
      }
    } catch {
      // The client went away in the middle and does not read the answer.
      return { ok: false, status: status.badRequest('the request body ended early') };
    } finally {
      this.#shared.bodies.give(size);
    }
    return { ok: true, text: Buffer.concat(chunks).toString('utf8') };
  }

  /** Answers with a JSON document. */
  json(code: number, document: JsonValue, contentType = 'application/json'): void {
    this.#send(code, contentType, Buffer.from(`${JSON.stringify(document)}\n`, 'utf8'));
  }

  /** Sends words along with the answer (RFC 7234 5.5, as the API server uses it). */
  warn(texts: readonly string[]): void {
    if (texts.length === 0) return;
    const shown = texts.slice(0, WARNING_LIMIT).map((text) => `299 - ${headerText(text)}`);
    this.#response.setHeader('Warning', shown);
  }

  /** Answers with a failure. */
  fail(failure: Status): void {
    if (failure.code === 401) this.#response.setHeader('WWW-Authenticate', 'Bearer');
    if (failure.code === 429) this.#response.setHeader('Retry-After', '1');
    this.json(failure.code, failure);
  }

  /** Answers with a text. */
  text(code: number, text: string): void {
    this.#send(code, 'text/plain; charset=utf-8', Buffer.from(text, 'utf8'));
  }

  /** Answers with something that is no text. */
  bytes(code: number, content: Uint8Array, contentType: string): void {
    this.#send(code, contentType, content);
  }

  /** Answers with a stream whose headers leave at once; null, and the answer is 429, when there are too many. */
  stream(contentType: string): ReplyStream | null {
    const { streams } = this.#shared;
    const client = this.#client();
    if (!streams.hasRoom(client)) {
      this.fail(status.tooManyRequests('streams'));
      return null;
    }
    this.#response.writeHead(200, { 'Content-Type': contentType, 'Cache-Control': 'no-store' });
    this.#response.flushHeaders();
    return new ReplyStream(this.#response, streams, client);
  }

  /** Answers with the streams of a command, or with a failure if the client did not ask for what is spoken here. */
  channels(opened: (channels: ChannelSocket) => void): void {
    const { channels, streams } = this.#shared;
    const upgrade = this.#upgrade;
    if (upgrade === null || !asksForChannels(upgrade)) {
      this.fail(status.upgradeRequired());
      return;
    }
    const client = this.#client();
    if (!streams.hasRoom(client)) {
      this.fail(status.tooManyRequests('streams'));
      return;
    }
    this.#response.detachSocket(upgrade.socket);
    channels.open(upgrade, streams, client, opened);
  }

  /** Programs are told apart by where they come from and what they call themselves. */
  #client(): string {
    const { remoteAddress = '' } = this.#request.socket;
    return `${remoteAddress} ${this.header('user-agent').slice(0, CLIENT_LENGTH)}`;
  }

  #send(code: number, contentType: string, body: Uint8Array): void {
    if (this.#response.headersSent) return;
    this.#response.writeHead(code, {
      'Content-Type': contentType,
      'Content-Length': body.length,
      'Cache-Control': 'no-store',
    });
    if (this.method === 'HEAD') {
      this.#response.end();
      return;
    }
    this.#response.end(body);
    this.#shared.streams.backlog.wrote(this.#response, body.length);
  }

  /** What is still on its way is not read: the connection ends with the answer. */
  #refuseBody(refusal: Status = status.tooLarge(BODY_LIMIT_BYTES)): BodyText {
    this.#response.setHeader('Connection', 'close');
    this.#response.once('finish', () => this.#request.destroy());
    return { ok: false, status: refusal };
  }
}

/** A body as JSON; empty is null. */
export function parseBody(text: string): ParsedJson {
  return text.trim() === '' ? { ok: true, value: null } : parseJson(text);
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    // It names nothing, and is answered so.
    return segment;
  }
}
