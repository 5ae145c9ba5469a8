// The commands that the scripts use, by the word they begin with.

import { arp } from './arp.ts';
import { arping } from './arping.ts';
import type { Command } from './command.ts';
import { conntrack } from './conntrack.ts';
import { icmpError } from './icmp-error.ts';
import { bridgeCommand, ip } from './ip.ts';
import { iptables } from './iptables.ts';
import { ping } from './ping.ts';
import { raw } from './raw.ts';
import { ss } from './ss.ts';
import { sysctl } from './sysctl.ts';
import { tcpClient } from './tcp-client.ts';
import { tcpServer } from './tcp-server.ts';
import { udp } from './udp.ts';
import { udpEcho } from './udp-echo.ts';
import { udpScan } from './udp-scan.ts';

export const COMMANDS: Readonly<Record<string, Command>> = {
  arp,
  arping,
  bridge: bridgeCommand,
  conntrack,
  icmperr: icmpError,
  ip,
  iptables,
  ping,
  raw,
  ss,
  sysctl,
  tcpclient: tcpClient,
  tcpserver: tcpServer,
  udp,
  udpecho: udpEcho,
  udpscan: udpScan,
};
