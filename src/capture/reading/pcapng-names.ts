// Name resolution blocks of pcapng: addresses and what they are called.

import { formatIpv4, type Ipv4Address } from '../../wire/ipv4-address.ts';
import { formatIpv6Words } from './ipv6-text.ts';
import { textOf } from './pcapng-options.ts';

const Record = { End: 0, Ipv4: 1, Ipv6: 2 } as const;

/** Calls `name` for each pair of the block whose body is between `at` and `end`. */
export function readNames(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  end: number,
  littleEndian: boolean,
  name: (address: string, text: string) => void,
): void {
  while (at + 4 <= end) {
    const type = view.getUint16(at, littleEndian);
    const length = view.getUint16(at + 2, littleEndian);
    const value = at + 4;
    if (type === Record.End || value + length > end) return;
    if (type === Record.Ipv4 && length > 4) {
      const address = formatIpv4(view.getUint32(value) as Ipv4Address);
      for (const text of namesIn(bytes, value + 4, value + length)) name(address, text);
    } else if (type === Record.Ipv6 && length > 16) {
      const address = formatIpv6Words(
        view.getUint32(value),
        view.getUint32(value + 4),
        view.getUint32(value + 8),
        view.getUint32(value + 12),
      );
      for (const text of namesIn(bytes, value + 16, value + length)) name(address, text);
    }
    at = value + ((length + 3) & ~3);
  }
}

/** Names that end with NUL; the last one may lack it. */
function namesIn(bytes: Uint8Array, at: number, end: number): string[] {
  const names: string[] = [];
  while (at < end) {
    let stop = at;
    while (stop < end && bytes[stop] !== 0) stop++;
    if (stop > at) names.push(textOf(bytes, at, stop - at));
    at = stop + 1;
  }
  return names;
}
