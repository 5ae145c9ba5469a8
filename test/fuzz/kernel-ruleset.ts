// What `nft -f -` is told: connections are tracked, and those that match are translated.

import type { NatConfig } from './case.ts';

/** A table that tracks connections, and translates them if asked to. */
export function ruleset(nat: NatConfig | null): string {
  const lines = [
    'table ip fuzz {',
    ' chain track { type filter hook prerouting priority -150',
    ' ct state invalid counter',
    ' }',
  ];
  if (nat !== null) {
    const range = nat.ports === undefined ? '' : `:${nat.ports[0]}-${nat.ports[1]}`;
    const chance = nat.random === true ? ' fully-random' : '';
    const target =
      nat.to === undefined
        ? `masquerade${range === '' ? '' : ` to ${range}`}${chance}`
        : `snat to ${nat.to}${range}${chance}`;
    // A range of ports is for protocols that have some.
    const rules =
      range === ''
        ? [target]
        : [
            `meta l4proto { tcp, udp } ${target}`,
            `${nat.to === undefined ? 'masquerade' : `snat to ${nat.to}`}${chance}`,
          ];
    lines.push(' chain out { type nat hook postrouting priority 100');
    for (const rule of rules) lines.push(` ip saddr ${nat.source} oifname "${nat.out}" ${rule}`);
    lines.push(' }');
  }
  return `${lines.join('\n')}\n}\n`;
}
