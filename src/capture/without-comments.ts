// A capture whose frames carry no comments: for tools that choke on them, and for files half as large.

import type { CaptureSink } from './sink.ts';

const NONE: readonly string[] = [];

/** Hands everything on to `sink`, except for the comments of frames. */
export function withoutComments(sink: CaptureSink): CaptureSink {
  return {
    addInterface: (info) => sink.addInterface(info),
    frame: (interfaceId, at, frame, direction) =>
      sink.frame(interfaceId, at, frame, direction, NONE),
    flush: (at) => sink.flush(at),
    close: (at) => sink.close(at),
  };
}
