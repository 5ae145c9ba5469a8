// Which of the formats that call themselves pcap a file is: from the magic where it says so, else by trying a few
// records. draft-ietf-opsawg-pcap; the variants are those that Wireshark's wiretap/libpcap.c knows.

/** How the records of one file are laid out. */
export interface PcapVariant {
  readonly name: string;
  readonly littleEndian: boolean;
  /** 1e6 or 1e9: units in a second. */
  readonly resolution: number;
  /** Octets of the file header. */
  readonly headerLength: number;
  /** Octets before the data of a record. */
  readonly recordLength: number;
  readonly linkType: number;
  readonly snapLength: number;
  /** Captured and original length are in the other order. */
  readonly swapped: 'never' | 'always' | 'if-larger';
}

/** Octets of the longest file header. */
export const LONGEST_HEADER = 28;
/** Wireshark's and libpcap's bound for one frame (WTAP_MAX_PACKET_SIZE_STANDARD, MAXIMUM_SNAPLEN). */
export const FRAME_LIMIT = 262_144;

interface Magic {
  readonly value: number;
  readonly resolution: number;
  readonly name: string;
  readonly headerLength: number;
  /** Lengths of record headers, the usual one first. */
  readonly records: readonly number[];
}

const MAGICS: readonly Magic[] = [
  { value: 0xa1b2_c3d4, resolution: 1e6, name: 'pcap', headerLength: 24, records: [16, 24, 20] },
  { value: 0xa1b2_3c4d, resolution: 1e9, name: 'nanosecond pcap', headerLength: 24, records: [16] },
  {
    value: 0xa1b2_cd34,
    resolution: 1e6,
    name: 'modified pcap',
    headerLength: 24,
    records: [24, 28],
  },
  { value: 0x1c00_01ac, resolution: 1e9, name: 'IXIA pcap', headerLength: 28, records: [16] },
  { value: 0x1c00_01ab, resolution: 1e6, name: 'IXIA pcap', headerLength: 28, records: [16] },
];

const LINK_TYPE_ETHERNET = 1;
/** IF-MIB: AIX writes this in place of a link type. */
const IF_TYPE_ETHERNET = 6;
const RECORDS_TRIED = 6;

/** Whether a pcap header begins at `at`. */
export function isPcapMagic(view: DataView, at: number): boolean {
  return magicAt(view, at) !== null;
}

function magicAt(view: DataView, at: number): { magic: Magic; littleEndian: boolean } | null {
  if (at + 4 > view.byteLength) return null;
  for (const littleEndian of [true, false]) {
    const value = view.getUint32(at, littleEndian);
    const magic = MAGICS.find((each) => each.value === value);
    if (magic !== undefined) return { magic, littleEndian };
  }
  return null;
}

/** The variant of the file that begins at `at`; null when no pcap header is there or it is not whole. */
export function variantAt(view: DataView, at: number): PcapVariant | null {
  const found = magicAt(view, at);
  if (found === null || at + found.magic.headerLength > view.byteLength) return null;
  const { littleEndian, magic } = found;
  const major = view.getUint16(at + 4, littleEndian);
  const minor = view.getUint16(at + 6, littleEndian);
  const isAix = magic.value === 0xa1b2_c3d4 && major === 2 && minor === 2;
  const field = view.getUint32(at + 20, littleEndian) & 0xffff;
  const linkType = isAix && field === IF_TYPE_ETHERNET ? LINK_TYPE_ETHERNET : field;
  const variant: PcapVariant = {
    name: isAix ? 'AIX pcap' : magic.name,
    littleEndian,
    resolution: isAix ? 1e9 : magic.resolution,
    headerLength: magic.headerLength,
    recordLength: magic.records[0] ?? 16,
    linkType,
    snapLength: view.getUint32(at + 16, littleEndian),
    swapped: swappedIn(major, minor, isAix),
  };
  const first = at + magic.headerLength;
  const fits = magic.records.map((recordLength) =>
    plausible(view, first, { ...variant, recordLength }),
  );
  const best = fits.indexOf(Math.max(...fits));
  const recordLength = magic.records[best] ?? variant.recordLength;
  if (best <= 0) return variant;
  return { ...variant, recordLength, name: VARIANT_NAMES.get(recordLength) ?? variant.name };
}

const VARIANT_NAMES: ReadonlyMap<number, string> = new Map([
  [20, 'Nokia pcap'],
  [24, 'modified pcap with the standard magic'],
  [28, 'modified pcap of SuSE 6.3'],
]);

function swappedIn(major: number, minor: number, isAix: boolean): PcapVariant['swapped'] {
  if (major !== 2 || isAix || minor > 3) return 'never';
  return minor === 3 ? 'if-larger' : 'always';
}

/** How many of the first records make sense when they are read so; the end of the file counts as one. */
function plausible(view: DataView, first: number, variant: PcapVariant): number {
  const { littleEndian, recordLength, resolution } = variant;
  let at = first;
  let before = 0;
  for (let record = 0; record < RECORDS_TRIED; record++) {
    if (at + recordLength > view.byteLength) return record === 0 ? 0 : RECORDS_TRIED;
    const seconds = view.getUint32(at, littleEndian);
    const fraction = view.getUint32(at + 4, littleEndian);
    const captured = view.getUint32(at + 8, littleEndian);
    const original = view.getUint32(at + 12, littleEndian);
    const isOrdered = record === 0 || Math.abs(seconds - before) < YEAR;
    const fits = captured <= FRAME_LIMIT && (original >= captured || variant.swapped !== 'never');
    if (!fits || fraction >= resolution || !isOrdered) return record;
    before = seconds;
    at += recordLength + captured;
  }
  return RECORDS_TRIED;
}

const YEAR = 31_536_000;
