// Parts of frames as words: addresses, flags, options, ARP. They know nothing of a case.

/** TCP options, a kernel's own timestamps left out. */
export function options(octets: Uint8Array, view: DataView, from: number, to: number): string {
  const parts: string[] = [];
  for (let at = from; at < to; ) {
    const kind = view.getUint8(at);
    if (kind <= 1 || at + 1 >= to) {
      parts.push(String(kind));
      at++;
      continue;
    }
    const length = view.getUint8(at + 1);
    const end = length < 2 ? to : Math.min(to, at + length);
    // The kernel's clock is its own; what it echoes is ours.
    const shown = kind === 8 ? hex(octets, at + 6, end) : hex(octets, at + 2, end);
    parts.push(`${kind}:${shown}`);
    at = end;
  }
  return `<${parts.join(' ')}>`;
}

/** The flags of a TCP segment, with what is reserved as a number. */
export function flagLetters(flags: number): string {
  const letters = 'FSRPAUECN';
  let text = '';
  for (let i = 0; i < letters.length; i++) if (flags & (1 << i)) text += letters[i];
  return flags >>> 9 === 0 ? text || '-' : `${text}+${flags >>> 9}`;
}

/** What an ARP packet says, and what is odd about it. */
export function arp(octets: Uint8Array): string {
  if (octets.length < 42) return hex(octets, 14, octets.length);
  const head = hex(octets, 14, 20);
  const operation = viewOf(octets).getUint16(20);
  const name = operation === 1 ? 'request' : operation === 2 ? 'reply' : `op ${operation}`;
  const odd = head === '000108000604' ? '' : `${head} `;
  const extra = octets.length > 42 ? ` + ${hex(octets, 42, octets.length)}` : '';
  return `${odd}${name} ${mac(octets, 22)} ${address(octets, 28)} > ${mac(octets, 32)} ${address(octets, 38)}${extra}`;
}

/** The same octets as numbers. */
export function viewOf(octets: Uint8Array): DataView {
  return new DataView(octets.buffer, octets.byteOffset, octets.length);
}

/** A hardware address, without colons. */
export function mac(octets: Uint8Array, at: number): string {
  return hex(octets, at, at + 6);
}

/** Source and destination of a packet. */
export function addresses(view: DataView, l3: number): [string, string] {
  const octets = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  return [address(octets, l3 + 12), address(octets, l3 + 16)];
}

/** An IPv4 address, dotted. */
export function address(octets: Uint8Array, at: number): string {
  return [...octets.subarray(at, at + 4)].join('.');
}

/** Octets from `from` up to `to`; none if that is less. */
export function hex(octets: Uint8Array, from: number, to: number): string {
  return Buffer.from(octets.subarray(from, Math.max(from, to))).toString('hex');
}
