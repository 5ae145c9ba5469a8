// A strict reader of the pcapng files that the lab writes. It throws at the first octet that is not
// as the draft (draft-ietf-opsawg-pcapng) asks: a partial block, unequal lengths, padding not zero.

const Type = {
  InterfaceDescription: 1,
  NameResolution: 4,
  InterfaceStatistics: 5,
  EnhancedPacket: 6,
  SectionHeader: 0x0a0d_0d0a,
} as const;

export interface PcapngInterface {
  readonly name: string;
  readonly description: string | null;
  readonly bitsPerSecond: number | null;
  readonly timestampResolution: number;
  readonly linkType: number;
}

export interface PcapngPacket {
  readonly interface: string;
  /** Since 1970. */
  readonly nanos: bigint;
  readonly data: Uint8Array;
  readonly comments: readonly string[];
  /** epb_flags; null when there are none. */
  readonly flags: number | null;
  readonly packetId: bigint | null;
}

export interface PcapngStatistics {
  readonly interface: string;
  readonly nanos: bigint;
  readonly start: bigint;
  readonly end: bigint;
  readonly received: bigint;
  readonly dropped: bigint;
}

export interface PcapngFile {
  /** Letters in the order of the blocks: S(ection) I(nterface) N(ames) P(acket) T(statistics). */
  readonly order: string;
  readonly section: {
    readonly comments: readonly string[];
    readonly hardware: string;
    readonly operatingSystem: string;
    readonly application: string;
  };
  readonly interfaces: readonly PcapngInterface[];
  readonly names: ReadonlyMap<string, readonly string[]>;
  readonly packets: readonly PcapngPacket[];
  readonly statistics: readonly PcapngStatistics[];
}

type Options = ReadonlyMap<number, readonly Uint8Array[]>;

const decoder = new TextDecoder('utf-8', { fatal: true });

/** @throws Error when the octets are not a whole number of well-formed blocks. */
export function readPcapng(file: Uint8Array): PcapngFile {
  const reader = new Reader(file);
  const interfaces: PcapngInterface[] = [];
  const names = new Map<string, readonly string[]>();
  const packets: PcapngPacket[] = [];
  const statistics: PcapngStatistics[] = [];
  let section: PcapngFile['section'] | null = null;
  let order = '';
  const nameOf = (id: number): string => {
    const found = interfaces[id];
    if (found === undefined) throw new Error(`interface ${id} is used before it is described`);
    return found.name;
  };
  while (!reader.done) {
    const { type, body } = reader.block();
    if (section === null && type !== Type.SectionHeader) throw new Error('no section header');
    switch (type) {
      case Type.SectionHeader: {
        section = readSection(body);
        order += 'S';
        break;
      }
      case Type.InterfaceDescription: {
        interfaces.push(readInterface(body));
        order += 'I';
        break;
      }
      case Type.NameResolution: {
        for (const [address, texts] of readNames(body)) names.set(address, texts);
        order += 'N';
        break;
      }
      case Type.EnhancedPacket: {
        packets.push(readPacket(body, nameOf));
        order += 'P';
        break;
      }
      case Type.InterfaceStatistics: {
        statistics.push(readStatistics(body, nameOf));
        order += 'T';
        break;
      }
      default:
        throw new Error(`unexpected block type ${type}`);
    }
  }
  if (section === null) throw new Error('an empty file');
  return { order, section, interfaces, names, packets, statistics };
}

function readSection(body: Reader): PcapngFile['section'] {
  if (body.uint32() !== 0x1a2b_3c4d) throw new Error('not little-endian pcapng');
  if (body.uint16() !== 1 || body.uint16() !== 0) throw new Error('not version 1.0');
  if (body.uint64() !== 0xffff_ffff_ffff_ffffn) throw new Error('a section length we never write');
  const options = body.options();
  return {
    comments: (options.get(1) ?? []).map(textOf),
    hardware: oneText(options, 2) ?? '',
    operatingSystem: oneText(options, 3) ?? '',
    application: oneText(options, 4) ?? '',
  };
}

function readInterface(body: Reader): PcapngInterface {
  const linkType = body.uint16();
  if (body.uint16() !== 0) throw new Error('reserved octets are not zero');
  if (body.uint32() !== 0) throw new Error('a snapshot length we never write');
  const options = body.options();
  const speed = options.get(8)?.[0];
  return {
    linkType,
    name: oneText(options, 2) ?? '',
    description: oneText(options, 3),
    bitsPerSecond: speed === undefined ? null : Number(new Reader(speed).uint64()),
    timestampResolution: options.get(9)?.[0]?.[0] ?? 6,
  };
}

function readNames(body: Reader): [string, readonly string[]][] {
  const records: [string, readonly string[]][] = [];
  for (;;) {
    const type = body.uint16();
    const length = body.uint16();
    if (type === 0) return records;
    if (type !== 1) throw new Error(`unexpected record type ${type}`);
    const value = body.padded(length);
    const texts = textOf(value.subarray(4)).split('\0');
    if (texts.pop() !== '') throw new Error('a name without its terminating zero');
    records.push([value.subarray(0, 4).join('.'), texts]);
  }
}

function readPacket(body: Reader, nameOf: (id: number) => string): PcapngPacket {
  const name = nameOf(body.uint32());
  const nanos = body.stamp();
  const captured = body.uint32();
  if (body.uint32() !== captured) throw new Error('a frame was cut');
  const data = body.padded(captured);
  const options = body.options();
  const flags = options.get(2)?.[0];
  const packetId = options.get(5)?.[0];
  return {
    interface: name,
    nanos,
    data,
    comments: (options.get(1) ?? []).map(textOf),
    flags: flags === undefined ? null : new Reader(flags).uint32(),
    packetId: packetId === undefined ? null : new Reader(packetId).uint64(),
  };
}

function readStatistics(body: Reader, nameOf: (id: number) => string): PcapngStatistics {
  const name = nameOf(body.uint32());
  const nanos = body.stamp();
  const options = body.options();
  const one = (code: number): Reader => {
    const value = options.get(code)?.[0];
    if (value === undefined) throw new Error(`statistics without option ${code}`);
    return new Reader(value);
  };
  return {
    interface: name,
    nanos,
    start: one(2).stamp(),
    end: one(3).stamp(),
    received: one(4).uint64(),
    dropped: one(5).uint64(),
  };
}

function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

function oneText(options: Options, code: number): string | null {
  const values = options.get(code) ?? [];
  if (values.length > 1) throw new Error(`option ${code} more than once`);
  return values[0] === undefined ? null : textOf(values[0]);
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  uint16(): number {
    this.#at += 2;
    return this.#view.getUint16(this.#at - 2, true);
  }

  uint32(): number {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4, true);
  }

  uint64(): bigint {
    this.#at += 8;
    return this.#view.getBigUint64(this.#at - 8, true);
  }

  /** Two 32-bit numbers, the upper one first. */
  stamp(): bigint {
    const high = BigInt(this.uint32());
    return (high << 32n) | BigInt(this.uint32());
  }

  /** `length` octets and the zeros up to the next multiple of four. */
  padded(length: number): Uint8Array {
    const value = this.#take(length);
    const padding = this.#take((4 - (length % 4)) % 4);
    if (padding.some((octet) => octet !== 0)) throw new Error('padding is not zero');
    return value;
  }

  options(): Options {
    const options = new Map<number, Uint8Array[]>();
    for (;;) {
      const code = this.uint16();
      const length = this.uint16();
      if (code === 0) {
        if (length !== 0 || !this.done) throw new Error('the end of options is not the end');
        return options;
      }
      const values = options.get(code) ?? [];
      values.push(this.padded(length));
      options.set(code, values);
    }
  }

  block(): { readonly type: number; readonly body: Reader } {
    const type = this.uint32();
    const total = this.uint32();
    if (total % 4 !== 0 || total < 12) throw new Error(`a block of ${total} octets`);
    const body = new Reader(this.#take(total - 12));
    if (this.uint32() !== total) throw new Error('the two lengths of a block differ');
    return { type, body };
  }

  #take(length: number): Uint8Array {
    if (this.#at + length > this.#bytes.length) throw new Error('cut in the middle');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}
