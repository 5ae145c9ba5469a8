// The applications of the fixtures' TCP cases: a client that sends now and then, a server that echoes.

import type { NetworkStack } from '../../src/stack/stack.ts';
import type { TcpSocket } from '../../src/stack/tcp/socket.ts';
import { maySend } from '../../src/stack/tcp/state.ts';
import { ip } from '../support/frames.ts';
import type { NatTopology } from './nat-topology.ts';

export interface ClientOptions {
  readonly port: number;
  readonly to: string;
  readonly toPort: number;
  /** How often it sends, the first time when connected. */
  readonly count?: number;
  /** Seconds between. */
  readonly interval?: number;
  /** Octets of each message. */
  readonly size?: number;
  /** When it closes, seconds after connecting; never if not given. */
  readonly hold?: number;
  /** It closes with a RST. */
  readonly reset?: boolean;
}

export interface Client {
  readonly connection: TcpSocket;
  /** 'connected', 'closed', or an errno name. */
  readonly log: string[];
  /** Octets echoed so far. */
  received: number;
}

/** gt.py tcpclient */
export function connect(lab: NatTopology, on: NetworkStack, options: ClientOptions): Client {
  const { count = 1, interval = 1, size = 4, hold, reset = false } = options;
  const send = (connection: TcpSocket, left: number): void => {
    if (left === 0 || !maySend(connection.state)) return;
    connection.write(new Uint8Array(size));
    lab.lan.after(interval, () => send(connection, left - 1));
  };
  const log: string[] = [];
  const connection = on.tcp.connect(
    { address: ip(options.to), port: options.toPort, localPort: options.port },
    {
      onConnected: (opened) => {
        log.push('connected');
        send(opened, count);
        if (hold === undefined) return;
        lab.lan.after(hold, () => {
          if (reset) opened.abort();
          else opened.close();
        });
      },
      onData: (_opened, _frame, _offset, length) => {
        client.received += length;
      },
      onClosed: (_opened, error) => log.push(error ?? 'closed'),
    },
  );
  const client: Client = { connection, log, received: 0 };
  return client;
}

export interface Server {
  readonly connections: TcpSocket[];
  readonly log: string[];
}

/** gt.py tcpserver --mode echo */
export function serve(on: NetworkStack, port: number): Server {
  const server: Server = { connections: [], log: [] };
  on.tcp.listen(
    { port },
    {
      accept: (connection) => {
        server.connections.push(connection);
        return {
          onData: (opened, frame, offset, length) => {
            opened.write(frame.bytes.slice(offset, offset + length));
          },
          onEnd: (opened) => opened.close(),
          onClosed: (_opened, error) => server.log.push(error ?? 'closed'),
        };
      },
    },
  );
  return server;
}
