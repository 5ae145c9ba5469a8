// A conversation with a puppet: a real stack A, a scripted peer B, and their sequence numbers.

import type { NetworkStack } from '../../../src/stack/stack.ts';
import type { TcpConnection } from '../../../src/stack/tcp/connection.ts';
import type { ConnectOptions } from '../../../src/stack/tcp/handlers.ts';
import { ip } from '../../support/frames.ts';
import { Lan } from '../../support/lan.ts';
import { type HeardSegment, Puppet, Recorder, type SaidSegment } from '../../support/tcp.ts';

/** Where the puppet's own sequence numbers start: data begins at relative 1. */
const PEER_START = 7000;

export class Conversation {
  readonly lan: Lan = new Lan();
  readonly stack: NetworkStack = this.lan.host('A', '10.0.0.1/24');
  readonly app: Recorder = new Recorder();
  readonly puppet: Puppet;
  #start = 0;
  #read = 0;

  constructor() {
    const peer = this.lan.host('B', '10.0.0.2/24');
    this.puppet = new Puppet(peer, 80, ip('10.0.0.1'));
  }

  get connection(): TcpConnection {
    return this.app.connection;
  }

  get state(): string {
    return this.connection.state;
  }

  /** A connects to the puppet, which agrees. The window is 65535 unless `synAck` says otherwise. */
  establish(synAck: Partial<SaidSegment> = {}, options: Partial<ConnectOptions> = {}): this {
    this.stack.tcp.connect({ address: ip('10.0.0.2'), port: 80, ...options }, this.app);
    this.lan.run(0.01);
    this.#start = this.puppet.last.sequence;
    this.puppet.say({
      flags: 'SA',
      sequence: PEER_START,
      acknowledgment: this.#start + 1,
      mss: 1460,
      ...synAck,
    });
    this.lan.run(0.01);
    this.news();
    return this;
  }

  /** Says a segment with relative numbers (the first octet of data is 1) and lets `wait` seconds pass. */
  say(segment: SaidSegment, wait = 0.001): void {
    this.puppet.say({
      ...segment,
      sequence: PEER_START + (segment.sequence ?? 1),
      acknowledgment: this.#start + (segment.acknowledgment ?? 1),
    });
    this.lan.run(wait);
  }

  /** What A has said since the last call, as 'A 1 ack 1 len 4' with relative numbers. */
  news(): string[] {
    const fresh = this.puppet.heard.slice(this.#read);
    this.#read = this.puppet.heard.length;
    return fresh.map((segment) => this.#line(segment));
  }

  /** The same after `seconds`. */
  after(seconds: number): string[] {
    this.lan.run(seconds);
    return this.news();
  }

  #line(segment: HeardSegment): string {
    const { flags, sequence, acknowledgment, length } = segment;
    const ack = flags.includes('A') ? ` ack ${(acknowledgment - PEER_START) >>> 0}` : '';
    const text = length > 0 ? ` len ${length}` : '';
    return `${flags} ${(sequence - this.#start) >>> 0}${ack}${text}`;
  }
}
