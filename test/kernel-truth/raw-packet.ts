// An IPv4 packet by hand, as hexadecimal digits for the command `raw`: every field as given, the header
// checksum right.

export interface RawPacket {
  readonly ttl: number;
  readonly protocol: number;
  readonly source: string;
  readonly destination: string;
  /** Flags and offset, as they stand in the header. */
  readonly fragment?: number;
  /** Hexadecimal digits of what follows the header. */
  readonly payload: string;
}

export function rawPacket(packet: RawPacket): string {
  const { ttl, protocol, source, destination, fragment = 0, payload } = packet;
  const header = Buffer.alloc(20);
  header.writeUInt16BE(0x4500, 0);
  header.writeUInt16BE(20 + payload.length / 2, 2);
  header.writeUInt16BE(777, 4);
  header.writeUInt16BE(fragment, 6);
  header.writeUInt8(ttl, 8);
  header.writeUInt8(protocol, 9);
  for (const [at, address] of [
    [12, source],
    [16, destination],
  ] as const) {
    header.set(address.split('.').map(Number), at);
  }
  let sum = 0;
  for (let at = 0; at < 20; at += 2) sum += header.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  header.writeUInt16BE(~sum & 0xffff, 10);
  return header.toString('hex') + payload;
}
