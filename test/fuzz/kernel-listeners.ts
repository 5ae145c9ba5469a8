// Sockets on which a host listens and nobody reads.

import { createRequire } from 'node:module';
import { Flags, libc } from '../../src/platform/linux/libc.ts';
import { LITTLE_ENDIAN, NativeMemory } from '../../src/platform/linux/native-memory.ts';

const AF_INET = 2;
const BACKLOG = 4096;

/** As socket(2) counts them. */
export const SocketType = { Stream: 1, Datagram: 2 } as const;
export type SocketType = (typeof SocketType)[keyof typeof SocketType];

export class KernelListeners implements Disposable {
  readonly #sockets: number[] = [];

  /** In the namespace that the calling thread is in. @throws Error when the port is taken */
  open(type: SocketType, port: number): void {
    const { socket, bind } = libc();
    const descriptor = socket(AF_INET, type | Flags.CloseOnExec, 0);
    this.#sockets.push(descriptor);
    const address = new NativeMemory(16);
    address.view.setUint16(0, AF_INET, LITTLE_ENDIAN);
    address.view.setUint16(2, port);
    const failed =
      bind(descriptor, address.address, 16) < 0 ||
      (type === SocketType.Stream && listen(descriptor, BACKLOG) < 0);
    if (failed) throw new Error(`cannot listen on port ${port}: errno ${libc().errno()}`);
  }

  [Symbol.dispose](): void {
    const { close } = libc();
    for (const descriptor of this.#sockets) close(descriptor);
  }
}

let listenFunction: ((descriptor: number, backlog: number) => number) | null = null;

function listen(descriptor: number, backlog: number): number {
  if (listenFunction === null) {
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
    listenFunction = koffi.load(null).func('listen', 'int', ['int', 'int']);
  }
  return listenFunction(descriptor, backlog);
}
