// The kinds of Kubernetes itself that every cluster of the lab has, one line each.

import { Events } from './event.ts';
import type { Kind } from './kind.ts';
import { Namespaces } from './namespace.ts';
import { Nodes } from './node.ts';
import { Pods } from './pod.ts';

/** In the order in which discovery lists them. */
export const CORE_KINDS: readonly Kind[] = [Nodes, Namespaces, Pods, Events];
