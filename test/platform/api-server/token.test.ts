import { expect, test } from 'vitest';
import { carriesToken, createToken } from '../../../src/platform/api-server/token.ts';

test('a token is another each time, long, and needs no quoting in a shell, a header or YAML', () => {
  const tokens = Array.from({ length: 100 }, createToken);
  expect(new Set(tokens).size).toBe(100);
  for (const token of tokens) expect(token).toMatch(/^[\w-]{43}$/);
});

test('a header carries the token in the form of RFC 6750, and in no other', () => {
  const token = createToken();
  for (const header of [`Bearer ${token}`, `bearer ${token}`, `BEARER   ${token}  `]) {
    expect(carriesToken(header, token)).toBe(true);
  }
  for (const header of [
    undefined,
    '',
    token,
    'Bearer',
    'Bearer ',
    `Basic ${token}`,
    `Bearer ${token}x`,
    `Bearer ${token.slice(1)}`,
    `Bearer x ${token}`,
    `Bearer ${token} x`,
    ` Bearer ${token}`,
    `Bearer ${createToken()}`,
  ]) {
    expect(carriesToken(header, token), String(header)).toBe(false);
  }
});
