import type { Ipv4Address } from '../../wire/ipv4-address.ts';

export class TcpListener {
  readonly address: Ipv4Address;
  readonly port: number;

  constructor(address: Ipv4Address, port: number) {
    this.address = address;
    this.port = port;
  }

  close(): void {}
}
