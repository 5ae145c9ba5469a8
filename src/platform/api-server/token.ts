// The bearer token of one run: 256 bits of the system's randomness, compared in constant time.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 43 characters that need no quoting anywhere. */
export function createToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Whether an Authorization header carries the token (RFC 6750); takes as long for a near miss as for any other. */
export function carriesToken(header: string | undefined, token: string): boolean {
  const given = /^bearer +(\S+) *$/i.exec(header ?? '')?.[1] ?? '';
  return isSameSecret(given, token);
}

/** Whether somebody knows a secret; takes as long for a near miss as for any other. */
export function isSameSecret(given: string, secret: string): boolean {
  // Digests are of one length, whatever was sent.
  return timingSafeEqual(digest(given), digest(secret));
}

function digest(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}
