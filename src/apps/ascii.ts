// Text for the wire: applications of the lab speak ASCII.

/** The octets of a text whose characters are all below 256. */
export function ascii(text: string): Uint8Array {
  const octets = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) octets[i] = text.charCodeAt(i);
  return octets;
}
