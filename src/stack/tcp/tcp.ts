// Skeleton: the exact public signatures; the demultiplexer follows.
import { ANY_ADDRESS } from '../../wire/ipv4-address.ts';
import { IpProtocol } from '../../wire/numbers.ts';
import type { IcmpError } from '../icmp-error.ts';
import type { TransportProtocol } from '../ipv4.ts';
import type { Packet } from '../packet.ts';
import type { NetworkStack } from '../stack.ts';
import { TcpConnection } from './connection.ts';
import type { ConnectOptions, ListenOptions, TcpAcceptor, TcpHandlers } from './handlers.ts';
import { TcpListener } from './listener.ts';

export class Tcp implements TransportProtocol {
  constructor(stack: NetworkStack) {
    stack.ipv4.register(IpProtocol.Tcp, this);
  }

  connect(options: ConnectOptions, _handlers: TcpHandlers): TcpConnection {
    const local = options.localAddress ?? ANY_ADDRESS;
    return new TcpConnection(local, options.localPort ?? 0, options.address, options.port);
  }

  /** @throws EgressLabError EGL_ADDRESS_IN_USE */
  listen(options: ListenOptions, _acceptor: TcpAcceptor): TcpListener {
    return new TcpListener(options.address ?? ANY_ADDRESS, options.port);
  }

  connections(): readonly TcpConnection[] {
    return [];
  }

  receive(_packet: Packet): void {}

  receiveError(_error: IcmpError): void {}

  reset(): void {}
}
