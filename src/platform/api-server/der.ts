// As much of DER (ITU-T X.690) as a certificate needs: every value is a tag, a length and content.

/** The tags that certificates use (X.690 8.1.2). */
export const DerTag = {
  Boolean: 0x01,
  Integer: 0x02,
  BitString: 0x03,
  OctetString: 0x04,
  ObjectIdentifier: 0x06,
  Utf8String: 0x0c,
  GeneralizedTime: 0x18,
  Sequence: 0x30,
  Set: 0x31,
} as const;

/** One value; `tag` may be one of `DerTag` or a context-specific one such as 0xa0. */
export function der(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const length = content.reduce((sum, each) => sum + each.length, 0);
  return Buffer.concat([Uint8Array.of(tag, ...lengthOctets(length)), ...content]);
}

function lengthOctets(length: number): readonly number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [0x80 | octets.length, ...octets];
}

/** '1.2.840.10045.4.3.2' as an OBJECT IDENTIFIER. */
export function objectIdentifier(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const octets = [first * 40 + second, ...rest.flatMap(base128)];
  return der(DerTag.ObjectIdentifier, Uint8Array.from(octets));
}

function base128(value: number): readonly number[] {
  const octets = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) octets.unshift((rest & 0x7f) | 0x80);
  return octets;
}

/** A positive INTEGER from big-endian octets. */
export function integer(octets: Uint8Array): Uint8Array {
  const negative = (octets[0] ?? 0) >= 0x80;
  return negative ? der(DerTag.Integer, Uint8Array.of(0), octets) : der(DerTag.Integer, octets);
}

/** A BIT STRING of whole octets. */
export function bitString(octets: Uint8Array): Uint8Array {
  return der(DerTag.BitString, Uint8Array.of(0), octets);
}

/** SEQUENCE of encoded values. */
export function sequence(...content: readonly Uint8Array[]): Uint8Array {
  return der(DerTag.Sequence, ...content);
}

/** UTF8String. */
export function utf8String(text: string): Uint8Array {
  return der(DerTag.Utf8String, Buffer.from(text, 'utf8'));
}

/** UTC, whole seconds. */
export function generalizedTime(date: Date): Uint8Array {
  const text = `${date.toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`;
  return der(DerTag.GeneralizedTime, Buffer.from(text, 'ascii'));
}
