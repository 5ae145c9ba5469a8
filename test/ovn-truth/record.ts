// The other direction: runs the scripts against the OVN and Open vSwitch of this machine, or those below
// OVN_ROOT, and leaves what they measure in out/ovn-truth/. Needs root and Debian's packages, which
// scripts/ovnlab.py names. They make namespaces called ovnw* and remove them by themselves.

import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PROJECT } from '../kernel-truth/project.ts';

const SCRIPTS = fileURLToPath(new URL('test/ovn-truth/scripts/', PROJECT));
const RESULTS = fileURLToPath(new URL('out/ovn-truth/', PROJECT));
const TOOLS = ['ovn-nbctl', 'ovn-controller', 'ovs-vswitchd', 'tcpdump', 'ethtool', 'nft', 'ip'];

/** Runs the scripts whose names begin so, or all. 0: every check held; 1: not; 2: it cannot run. */
export async function record(names: readonly string[]): Promise<number> {
  const missing =
    process.env.OVN_ROOT === undefined
      ? TOOLS.filter((tool) => spawnSync('which', [tool]).status !== 0)
      : [];
  if (process.getuid?.() !== 0) missing.push('root');
  if (missing.length > 0) {
    process.stdout.write(`cannot record: ${missing.join(', ')} missing\n`);
    return 2;
  }
  mkdirSync(RESULTS, { recursive: true });
  const child = spawn('bash', ['run-all.sh', ...names], {
    cwd: SCRIPTS,
    stdio: 'inherit',
    env: { ...process.env, OVN_EXPECT: RESULTS, OVN_OUT: `${RESULTS}captures` },
  });
  return new Promise((resolve) => {
    child.on('close', (code) => resolve(code === 0 ? 0 : 1));
  });
}
