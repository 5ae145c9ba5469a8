// Octets as text and back, deflated (RFC 1951).

/** More than this is no record and no link of ours. */
const INFLATED_LIMIT = 256_000_000;

/** Octets as deflated base64. */
export async function deflate(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  const packed = new Uint8Array(await new Response(stream).arrayBuffer());
  const parts: string[] = [];
  for (let at = 0; at < packed.length; at += 8192) {
    parts.push(String.fromCharCode(...packed.subarray(at, at + 8192)));
  }
  return btoa(parts.join(''));
}

/** The octets in deflated base64; null when it is broken or holds more than `limit` octets. */
export async function inflate(
  text: string,
  limit: number = INFLATED_LIMIT,
): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    const packed = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
    const reader = stream.getReader();
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return new Uint8Array(await new Blob(parts).arrayBuffer());
      length += value.length;
      if (length > limit) return null;
      parts.push(value);
    }
  } catch {
    return null;
  }
}
