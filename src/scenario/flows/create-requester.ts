// Which requester a flow needs.

import { unreachable } from '../../base/assert.ts';
import { IcmpRequester } from './icmp-requester.ts';
import type { Requester, RequesterContext } from './requester.ts';
import { TcpRequester } from './tcp-requester.ts';
import { TcpSession } from './tcp-session.ts';
import { UdpRequester } from './udp-requester.ts';

/** The requester for the protocol of a flow, ready to ask. */
export function createRequester(context: RequesterContext): Requester {
  const { protocol, connection } = context.spec;
  switch (protocol) {
    case 'icmp':
      return new IcmpRequester(context);
    case 'udp':
      return new UdpRequester(context);
    case 'tcp':
      return connection === 'persistent' ? new TcpSession(context) : new TcpRequester(context);
    default:
      return unreachable(protocol);
  }
}
