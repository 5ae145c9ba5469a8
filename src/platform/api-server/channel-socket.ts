// The streams of a command over one WebSocket (RFC 6455), as kubectl speaks them: the first octet of each
// message names its stream (apimachinery pkg/util/remotecommand, subprotocols v4 and v5 of channel.k8s.io).
// What the client sends, its standard input and terminal sizes, is not looked at: tools of a lab read nothing.

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { JsonValue } from '../../kube/json.ts';
import type { OpenStream, StreamRegistry } from './reply-stream.ts';

/** Newest first. v5 differs in what a client may send only. */
const PROTOCOLS: readonly string[] = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

/** The streams that a server writes to, by their number. */
const CHANNELS = { stdout: 1, stderr: 2, status: 3 } as const;

/** What a client may send in one message; kubectl sends 32 KiB at a time. */
const MESSAGE_OCTETS = 64 * 1024;
/** What is sent in one message. */
const CHUNK_OCTETS = 32 * 1024;

/** A request that asks to speak another protocol, and the connection that it came on. */
export interface UpgradeRequest {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  /** What came after the headers already. */
  readonly head: Buffer;
}

/** Whether it asks for a protocol that is spoken here. */
export function asksForChannels({ request: { headers } }: UpgradeRequest): boolean {
  const offered = String(headers['sec-websocket-protocol'] ?? '').split(',');
  return (
    headers.upgrade?.toLowerCase() === 'websocket' &&
    offered.some((each) => PROTOCOLS.includes(each.trim()))
  );
}

/** Opens channel sockets. */
export class ChannelSockets {
  readonly #server: WebSocketServer = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MESSAGE_OCTETS,
    perMessageDeflate: false,
    handleProtocols: (offered) => PROTOCOLS.find((each) => offered.has(each)) ?? false,
  });

  /** Answers the handshake. Calls `opened` only if it is a sound one; else the client gets a 400. */
  open(
    { head, request, socket }: UpgradeRequest,
    registry: StreamRegistry,
    client: string,
    opened: (channels: ChannelSocket) => void,
  ): void {
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      opened(new ChannelSocket(webSocket, socket, registry, client));
    });
  }
}

/** One command's streams. */
export class ChannelSocket implements OpenStream {
  readonly client: string;
  readonly #webSocket: WebSocket;
  readonly #socket: Socket;
  readonly #registry: StreamRegistry;

  /** Ends by itself: half a minute after `finish` a client that does not say goodbye is cut. */
  constructor(webSocket: WebSocket, socket: Socket, registry: StreamRegistry, client: string) {
    this.client = client;
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#registry = registry;
    registry.add(this);
    // A client that goes away, or breaks the protocol and is cut for it, is no news.
    webSocket.on('error', () => {});
    webSocket.on('close', () => registry.leave(this));
  }

  /** Writes to a stream. */
  write(channel: 'stdout' | 'stderr', text: string): void {
    const octets = Buffer.from(text, 'utf8');
    for (let at = 0; at < octets.length; at += CHUNK_OCTETS) {
      this.#send(CHANNELS[channel], octets.subarray(at, at + CHUNK_OCTETS));
    }
  }

  /** How the command ended (metav1.Status); nothing comes after it. */
  finish(status: JsonValue): void {
    this.#send(CHANNELS.status, Buffer.from(JSON.stringify(status), 'utf8'));
    this.#webSocket.close(1000);
  }

  end(): void {
    this.#webSocket.terminate();
  }

  #send(channel: number, content: Uint8Array): void {
    this.#webSocket.send(Buffer.concat([Uint8Array.of(channel), content]));
    this.#registry.backlog.wrote(this.#socket, content.length);
  }
}
