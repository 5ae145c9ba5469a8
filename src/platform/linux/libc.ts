// The C library, called through koffi: nothing is compiled at install. Plain functions on numbers;
// buffers are passed as addresses, because koffi takes a number in half the time of a typed array.
// Loaded when a kernel device is asked for and not before.

import { createRequire } from 'node:module';
import { arch, platform } from 'node:process';
import { EgressLabError } from '../../base/errors.ts';

type Koffi = typeof import('koffi');
type KoffiFunction = ReturnType<ReturnType<Koffi['load']>['func']>;

/** What is called here; -1 means that `errno` says why. */
export interface Libc {
  readonly open: (path: string, flags: number) => number;
  readonly close: (fd: number) => number;
  readonly ioctl: (fd: number, request: number, address: number) => number;
  readonly read: (fd: number, address: number, length: number) => number;
  readonly write: (fd: number, address: number, length: number) => number;
  readonly writev: (fd: number, vectors: number, count: number) => number;
  readonly socket: (domain: number, type: number, protocol: number) => number;
  readonly bind: (fd: number, address: number, length: number) => number;
  readonly setsockopt: (
    fd: number,
    level: number,
    name: number,
    address: number,
    length: number,
  ) => number;
  readonly setns: (fd: number, type: number) => number;
  readonly prctl: (option: number, argument: number) => number;
  readonly eventfd: (initial: number, flags: number) => number;
  /** In another thread; calls back with the result. */
  readonly ppoll: (
    descriptors: number,
    count: number,
    timeout: number,
    done: (result: number) => void,
  ) => void;
  /** The same at once. */
  readonly ppollNow: (descriptors: number, count: number, timeout: number) => number;
  /** Why the latest call failed. */
  readonly errno: () => number;
  /** Where the octets are; they stay there as long as the array is referenced. */
  readonly addressOf: (bytes: Uint8Array) => number;
}

/** Of open(2), socket(2) and eventfd(2), the same on x86-64, arm64 and riscv64. */
export const Flags = { ReadWrite: 2, NonBlocking: 0o4000, CloseOnExec: 0o2000000 } as const;

/** include/uapi/asm-generic/errno*.h. */
export const Errno = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  EINVAL: 22,
  EMSGSIZE: 90,
  ENETDOWN: 100,
  ENOBUFS: 105,
  EBADFD: 77,
} as const;

let loaded: Libc | null = null;

/** @throws EgressLabError EGL_ATTACH_UNSUPPORTED where there is no Linux or no koffi for it. */
export function libc(): Libc {
  loaded ??= load();
  return loaded;
}

function load(): Libc {
  if (platform !== 'linux') {
    throw new EgressLabError(
      'EGL_ATTACH_UNSUPPORTED',
      `kernel attachments need Linux; this is ${platform}`,
      { hint: 'Leave `attach:` out, or run the lab on a Linux machine.', fault: 'environment' },
    );
  }
  const koffi = requireKoffi();
  const library = koffi.load(null);
  const int = (name: string, ...parameters: readonly string[]): KoffiFunction =>
    library.func(name, 'int', [...parameters]);
  // koffi knows no ssize_t; `long` is as wide.
  const long = (name: string, ...parameters: readonly string[]): KoffiFunction =>
    library.func(name, 'long', [...parameters]);
  const ioctl = library.func('int ioctl(int fd, unsigned long request, ...)');
  const prctl = library.func('int prctl(int option, ...)');
  const ppoll = int('ppoll', 'size_t', 'size_t', 'size_t', 'size_t');
  const addresses = new WeakMap<Uint8Array, number>();
  return {
    open: int('open', 'str', 'int'),
    close: int('close', 'int'),
    ioctl: (fd, request, address) => ioctl(fd, request, 'size_t', address),
    read: long('read', 'int', 'size_t', 'size_t'),
    write: long('write', 'int', 'size_t', 'size_t'),
    writev: long('writev', 'int', 'size_t', 'int'),
    socket: int('socket', 'int', 'int', 'int'),
    bind: int('bind', 'int', 'size_t', 'uint'),
    setsockopt: int('setsockopt', 'int', 'int', 'int', 'size_t', 'uint'),
    setns: int('setns', 'int', 'int'),
    prctl: (option, argument) => prctl(option, 'ulong', argument),
    eventfd: int('eventfd', 'uint', 'int'),
    ppoll: (descriptors, count, timeout, done) =>
      ppoll.async(descriptors, count, timeout, 0, (_error: unknown, result: number) =>
        done(result),
      ),
    ppollNow: (descriptors, count, timeout) => ppoll(descriptors, count, timeout, 0),
    errno: koffi.errno,
    addressOf: (bytes) => {
      let address = addresses.get(bytes);
      if (address === undefined) {
        address = Number(koffi.address(bytes));
        addresses.set(bytes, address);
      }
      return address;
    },
  };
}

function requireKoffi(): Koffi {
  try {
    return createRequire(import.meta.url)('koffi') as Koffi;
  } catch (cause) {
    throw new EgressLabError(
      'EGL_ATTACH_UNSUPPORTED',
      `the package "koffi" has no binary for ${platform} ${arch}`,
      {
        hint: 'Kernel attachments need it: `npm install koffi` says more. Labs without `attach:` do not.',
        fault: 'environment',
        cause,
      },
    );
  }
}

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(Errno).map(([name, value]) => [value, name]),
);

/** 'EPERM', or 'errno 123'. */
export function errnoName(value: number): string {
  return NAMES.get(value) ?? `errno ${value}`;
}
