// The verdict on a node whose TCP port 9 is dialed (pkg/network/common/egressip.go Ping): shared by
// the controller's monitor and by the node-side monitor of HEAD.

import type { Nanos } from '../../../sim/time.ts';
import { parseIpv4 } from '../../../wire/ipv4-address.ts';
import { DISCARD_PORT, type Dialer, DialOutcome } from '../../dialer.ts';

/** Between the starts of two checks. */
export const POLL_INTERVAL_SECONDS = 5;
/** More failures than this mean offline. */
export const MAX_RETRIES = 2;

/** A node under watch. */
export interface Peer {
  readonly nodeIp: string;
  readonly sdnIp: string;
  offline: boolean;
  /** Failed dials since the last offline verdict (or since the last success, with the quirk off). */
  failures: number;
}

/** What the last dials say of a node; `doubtful` failed, but not often enough. */
export type PeerVerdict = 'online' | 'doubtful' | 'offline';

/** Only a timeout and "no route to host" count against a node; a refusal is the normal answer. */
export function isAnswer(outcome: DialOutcome): boolean {
  return outcome !== DialOutcome.Timeout && outcome !== DialOutcome.HostUnreachable;
}

/** Takes one dial into account; null when nothing is to be said. `sticky` keeps old failures after a success. */
export function judge(peer: Peer, answered: boolean, sticky: boolean): PeerVerdict | null {
  if (answered) {
    if (!sticky) peer.failures = 0;
    if (!peer.offline) return null;
    peer.offline = false;
    return 'online';
  }
  if (peer.offline) return null;
  peer.failures++;
  if (peer.failures <= MAX_RETRIES) return 'doubtful';
  peer.failures = 0;
  peer.offline = true;
  return 'offline';
}

/** Dials the peers, one after the other or all at once, and hands on each answer; `done` follows the last. */
export function dialAll(
  dialer: Dialer,
  peers: readonly Peer[],
  timeout: Nanos,
  sequential: boolean,
  answer: (peer: Peer, answered: boolean) => void,
  done: () => void,
): void {
  let open = peers.length;
  if (open === 0) {
    done();
    return;
  }
  const dial = (at: number): void => {
    const peer = peers[at];
    const address = parseIpv4(peer?.sdnIp ?? '');
    const settle = (outcome: DialOutcome): void => {
      if (peer !== undefined) answer(peer, isAnswer(outcome));
      open--;
      if (open === 0) done();
      else if (sequential) dial(at + 1);
    };
    // An sdnIP that is no address makes net.Dial fail at once, which counts as an answer.
    if (address === null) settle(DialOutcome.Failed);
    else dialer.dial(address, DISCARD_PORT, timeout, settle);
  };
  const first = sequential ? 1 : peers.length;
  for (let at = 0; at < first; at++) dial(at);
}
