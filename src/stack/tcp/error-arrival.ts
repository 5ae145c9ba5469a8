// What an ICMP error does to the connection whose segment it quotes (tcp_v4_err): it ends an attempt to
// connect, an established connection only remembers it; path MTU and RFC 6069 besides.

import * as icmp from '../../wire/icmp.ts';
import type { IcmpError } from '../icmp/error.ts';
import { socketError } from '../socket/errno.ts';
import type { TcpConnection } from './connection.ts';
import { TcpState } from './state.ts';

/** Processes an error that quotes a segment of this connection that is in flight. */
export function errorArrives(connection: TcpConnection, error: IcmpError): void {
  const { sender, state } = connection;
  const isUnreachable = error.type === icmp.Type.Unreachable;
  if (isUnreachable && error.code === icmp.UnreachableCode.FragmentationNeeded) {
    // The route knows the new MTU already.
    connection.output();
    return;
  }
  const meaning = socketError(error.type, error.code);
  if (meaning === null) return;
  const isRouting =
    isUnreachable &&
    (error.code === icmp.UnreachableCode.Network || error.code === icmp.UnreachableCode.Host);
  if (connection.isRequest) {
    // tcp_req_err
    if (isRouting || !isUnreachable) connection.destroy();
  } else if (state === TcpState.SynSent || state === TcpState.SynReceived) {
    connection.finish(meaning.errno);
  } else {
    if (isRouting) sender.revertBackoff(error.tcpSequence);
    connection.softError = meaning.errno;
  }
}
