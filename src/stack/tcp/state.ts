// The states of RFC 9293 3.3.2, under the names that `ss` prints.

/** Values are what `ss -t` shows. */
export const TcpState = {
  Listen: 'LISTEN',
  SynSent: 'SYN-SENT',
  SynReceived: 'SYN-RECV',
  Established: 'ESTAB',
  FinWait1: 'FIN-WAIT-1',
  FinWait2: 'FIN-WAIT-2',
  CloseWait: 'CLOSE-WAIT',
  Closing: 'CLOSING',
  LastAck: 'LAST-ACK',
  TimeWait: 'TIME-WAIT',
  Closed: 'UNCONN',
} as const;
export type TcpState = (typeof TcpState)[keyof typeof TcpState];

/** Segments may carry data or FIN that was not sent before. */
export function maySend(state: TcpState): boolean {
  return (
    state === TcpState.Established ||
    state === TcpState.CloseWait ||
    state === TcpState.FinWait1 ||
    state === TcpState.Closing ||
    state === TcpState.LastAck
  );
}

/** Both sides know each other's sequence numbers. */
export function isSynchronized(state: TcpState): boolean {
  return maySend(state) || state === TcpState.FinWait2 || state === TcpState.TimeWait;
}
