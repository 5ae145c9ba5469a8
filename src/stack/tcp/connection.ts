// Skeleton: the exact public signatures; the state machine follows.
import type { Ipv4Address } from '../../wire/ipv4-address.ts';
import { TcpState } from './state.ts';

export class TcpConnection {
  readonly localAddress: Ipv4Address;
  readonly localPort: number;
  readonly remoteAddress: Ipv4Address;
  readonly remotePort: number;
  state: TcpState = TcpState.Closed;

  constructor(
    localAddress: Ipv4Address,
    localPort: number,
    remoteAddress: Ipv4Address,
    remotePort: number,
  ) {
    this.localAddress = localAddress;
    this.localPort = localPort;
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
  }

  /** Octets taken from `octets`, copied; fewer than given when the send buffer is full. */
  write(_octets: Uint8Array): number {
    return 0;
  }

  /** shutdown(SHUT_WR): FIN after what is buffered; data may still come. */
  end(): void {}

  /** close(2): like `end`, and data that still comes is answered with RST. */
  close(): void {}

  /** RST to the peer (silent while connecting), then gone; `onClosed` is not called. */
  abort(): void {}
}
