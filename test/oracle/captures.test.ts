// Wireshark as the judge of the captures that come along: none has a malformed frame or a bad
// checksum, and the one that is about a duplicate address is flagged.

import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { requireTools, run } from '../support/tools.ts';

const CAPTURES = fileURLToPath(new URL('../../captures/', import.meta.url));
const files = readdirSync(CAPTURES).filter((name) => name.endsWith('.pcapng'));
const { skip, remark } = requireTools('tshark');

const CHECKSUMS = ['ip', 'tcp', 'udp'].flatMap((name) => ['-o', `${name}.check_checksum:TRUE`]);
const BAD = ['ip', 'tcp', 'udp', 'icmp'].map((name) => `${name}.checksum.status == 0`);

/** The frames that a display filter picks, one line each. */
function frames(file: string, filter: string): string[] {
  const output = run('tshark', '-r', `${CAPTURES}${file}`, ...CHECKSUMS, '-Y', filter);
  return output.split('\n').filter((line) => line !== '');
}

describe.skipIf(skip)(`the shipped captures, read by tshark${remark}`, () => {
  test.each(files)('%s has no malformed frame and no bad checksum', (file) => {
    expect(frames(file, `_ws.malformed || ${BAD.join(' || ')}`)).toEqual([]);
  });

  test('duplicate-ip.pcapng is flagged', () => {
    expect(frames('duplicate-ip.pcapng', 'arp.duplicate-address-detected')).not.toEqual([]);
  });
});
