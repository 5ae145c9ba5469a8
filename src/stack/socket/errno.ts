// Why a socket operation failed, under Linux's names, and what an ICMP error means to a socket
// (icmp_err_convert, net/ipv4/icmp.c). `fatal` is what reaches a connected UDP socket without
// IP_RECVERR; TCP treats every one as fatal while connecting and as soft later (tcp_v4_err).

import * as icmp from '../../wire/icmp.ts';
import type { RouteFailure } from '../ipv4/route-failure.ts';

/** errno names as `errno -l` prints them. */
export type Errno =
  | 'EACCES'
  | 'EADDRNOTAVAIL'
  | 'ECONNREFUSED'
  | 'ECONNRESET'
  | 'EHOSTDOWN'
  | 'EHOSTUNREACH'
  | 'EINVAL'
  | 'EMSGSIZE'
  | 'ENETUNREACH'
  | 'ENOBUFS'
  | 'ENONET'
  | 'ENOPROTOOPT'
  | 'ENOTCONN'
  | 'EOPNOTSUPP'
  | 'EPERM'
  | 'EPIPE'
  | 'EPROTO'
  | 'ETIMEDOUT';

/** What one kind of ICMP error does to a socket. */
export interface SocketError {
  readonly errno: Errno;
  readonly fatal: boolean;
}

function hard(errno: Errno): SocketError {
  return { errno, fatal: true };
}

function soft(errno: Errno): SocketError {
  return { errno, fatal: false };
}

/** Codes 0..15 of destination unreachable, RFC 792 and RFC 1812 5.2.7.1. */
const UNREACHABLE: readonly SocketError[] = [
  soft('ENETUNREACH'),
  soft('EHOSTUNREACH'),
  hard('ENOPROTOOPT'),
  hard('ECONNREFUSED'),
  soft('EMSGSIZE'),
  soft('EOPNOTSUPP'),
  hard('ENETUNREACH'),
  hard('EHOSTDOWN'),
  hard('ENONET'),
  hard('ENETUNREACH'),
  hard('EHOSTUNREACH'),
  soft('ENETUNREACH'),
  soft('EHOSTUNREACH'),
  hard('EHOSTUNREACH'),
  hard('EHOSTUNREACH'),
  hard('EHOSTUNREACH'),
];

const TIME_EXCEEDED: SocketError = soft('EHOSTUNREACH');
const PARAMETER_PROBLEM: SocketError = hard('EPROTO');

/** Null for what a socket never hears of: redirect, source quench, unknown codes. */
export function socketError(type: number, code: number): SocketError | null {
  if (type === icmp.Type.Unreachable) return UNREACHABLE[code] ?? null;
  if (type === icmp.Type.TimeExceeded) return TIME_EXCEEDED;
  return type === icmp.Type.ParameterProblem ? PARAMETER_PROBLEM : null;
}

/** Why a packet did not leave: no route, longer than it may be, or dropped by a rule of this host. */
export type SendFailure = RouteFailure | 'message-too-long' | 'not-permitted';

const SEND_ERRNO: Readonly<Record<SendFailure, Errno>> = {
  'message-too-long': 'EMSGSIZE',
  'not-permitted': 'EPERM',
  'network-unreachable': 'ENETUNREACH',
  'host-unreachable': 'EHOSTUNREACH',
  prohibited: 'EACCES',
  blackhole: 'EINVAL',
  'invalid-source': 'ENETUNREACH',
  'loopback-source': 'EINVAL',
};

/** What connect(2) and sendto(2) say then. */
export function sendErrno(failure: SendFailure): Errno {
  return SEND_ERRNO[failure];
}
