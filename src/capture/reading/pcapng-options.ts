// The options of pcapng blocks: code, length, value, padded to 32 bits. What does not fit ends the list.

/** One option; its value is `length` octets at `at`. */
export interface PcapngOption {
  readonly code: number;
  readonly at: number;
  readonly length: number;
}

/** The option that may stand in every block. */
export const COMMENT_OPTION = 1;

const decoder = new TextDecoder();

/** The options between `at` and `end`; the one that ends the list is left out. */
export function optionsIn(
  view: DataView,
  at: number,
  end: number,
  littleEndian: boolean,
): PcapngOption[] {
  const found: PcapngOption[] = [];
  while (at + 4 <= end) {
    const code = view.getUint16(at, littleEndian);
    const length = view.getUint16(at + 2, littleEndian);
    if (code === 0 || at + 4 + length > end) break;
    found.push({ code, at: at + 4, length });
    at += 4 + ((length + 3) & ~3);
  }
  return found;
}

/** UTF-8, without the NULs that some writers add. */
export function textOf(bytes: Uint8Array, at: number, length: number): string {
  const text = decoder.decode(bytes.subarray(at, at + length));
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

/** A 64-bit number as a double; what is larger than 2^53 is rounded. */
export function uint64At(view: DataView, at: number, littleEndian: boolean): number {
  const first = view.getUint32(at, littleEndian);
  const second = view.getUint32(at + 4, littleEndian);
  return littleEndian ? second * 0x1_0000_0000 + first : first * 0x1_0000_0000 + second;
}
