// The allocator at work: what it does on events of nodes and EgressIPs (N1 to N5, R5, R6) and on a check of
// all nodes. It decides and asks; connections, watches and timers are those of cluster-manager.ts.

import type { Node } from '../../../../kube/kinds/node.ts';
import type { Random } from '../../../../sim/random.ts';
import { canonicalIp } from '../../ip-text.ts';
import type { CloudPrivateIpConfig } from '../../kinds/cloud-private-ip-config.ts';
import type { EgressIp, EgressIpStatusItem } from '../../kinds/egress-ip.ts';
import type { QuirkName } from '../../quirks.ts';
import { isAssignable, MARK_ANNOTATION } from '../annotations.ts';
import type { HealthClient } from '../health/health-client.ts';
import type { Voice } from '../sink.ts';
import { Allocator } from './allocator.ts';
import { CheckRound } from './check-round.ts';
import {
  type CloudRequest,
  cloudIp,
  cloudName,
  cloudRequests,
  isAssigned,
  OWNER_ANNOTATION,
} from './cloud.ts';
import { KnownObjects } from './known-objects.ts';
import { MarkPool } from './marks.ts';
import { NodeEvents } from './node-events.ts';
import type { NodeRecord } from './node-record.ts';
import { inTurn, Tasks } from './tasks.ts';

/** What a patch of an EgressIP says; what is left out stays. */
export interface EgressIpPatch {
  readonly items?: readonly EgressIpStatusItem[];
  readonly mark?: number;
}

/** What the manager decides with and whom it asks. */
export interface ManagerOptions {
  readonly random: Random;
  readonly quirks: ReadonlySet<QuirkName>;
  readonly isCloud: boolean;
  readonly voice: Voice;
  readonly marks?: MarkPool;
  /** A health client for a node. */
  readonly client: (node: string) => HealthClient;
  /** Writes; `done` gets the object as it is now, or null when the write failed. */
  readonly patch: (
    name: string,
    patch: EgressIpPatch,
    done: (object: EgressIp | null) => void,
  ) => void;
  readonly askCloud: (request: CloudRequest, done: () => void) => void;
  /** A check has found a node up or down. */
  readonly onVerdict?: (node: string, reachable: boolean) => void;
}

/** The allocator at work on events and checks. */
export class EgressIpManager {
  readonly allocator: Allocator;
  readonly marks: MarkPool;
  readonly #options: ManagerOptions;
  readonly #tasks = new Tasks();
  readonly #known = new KnownObjects();
  readonly #clients = new Map<string, HealthClient>();
  readonly #nodes = new Map<string, Node>();
  readonly #events: NodeEvents;
  readonly #round: CheckRound;

  constructor(options: ManagerOptions) {
    this.#options = options;
    const { random, quirks, isCloud, voice } = options;
    this.allocator = new Allocator({ random, quirks, isCloud, voice });
    this.marks = options.marks ?? new MarkPool();
    this.#events = new NodeEvents({
      allocator: this.allocator,
      quirks,
      isCloud,
      voice,
      client: (node) => this.client(node),
      moves: {
        complete: (done) => this.#completeObjects(done),
        leave: (node, done) => this.#moveFrom(node, done),
        leaveLostNetworks: (record, done) => this.#leaveLostNetworks(record, done),
      },
    });
    this.#round = new CheckRound({
      random,
      voice,
      records: this.allocator.records,
      client: (node) => this.client(node),
      onVerdict: options.onVerdict ?? (() => undefined),
      onUp: (name, done) => {
        const node = this.#nodes.get(name);
        if (node === undefined) this.#completeObjects(done);
        else this.#events.add(node, done);
      },
      onDown: (name, done) => this.#moveFrom(name, done),
    });
  }

  /** EgressIPs as this process knows them. */
  get objects(): ReadonlyMap<string, EgressIp> {
    return this.#known.objects;
  }

  /** The process died. */
  stop(): void {
    this.#tasks.stop();
    for (const client of this.#clients.values()) client.disconnect();
  }

  /** The health client of a node. */
  client(node: string): HealthClient {
    const known = this.#clients.get(node);
    if (known !== undefined) return known;
    const client = this.#options.client(node);
    this.#clients.set(node, client);
    return client;
  }

  /** N5: all that exists when the process starts. Allocations are known before anything is decided. */
  start(nodes: readonly Node[], objects: readonly EgressIp[]): void {
    const { quirks, random } = this.#options;
    for (const object of objects) this.#known.learn(object);
    if (!quirks.has('ovnk-restart-duplicate')) {
      for (const { metadata, status } of objects) {
        for (const { node } of status?.items ?? []) this.allocator.track(node);
        this.allocator.hold(metadata.name, status?.items ?? []);
      }
    }
    for (const node of nodes) this.#note(node);
    for (const node of random.shuffle(nodes))
      this.#tasks.add((done) => this.#events.add(node, done));
    this.syncMarks();
    for (const { metadata } of random.shuffle(objects)) this.#enqueue(metadata.name);
  }

  /** Gives marks to objects that have none, and keeps those that are there; a bad one ends the process's work. */
  syncMarks(): void {
    this.#tasks.add((done) => {
      for (const { metadata } of this.#known.objects.values()) {
        const text = metadata.annotations?.[MARK_ANNOTATION];
        const problem = text === undefined ? null : this.marks.reserve(metadata.name, text);
        if (problem === null) continue;
        this.#options.voice.log(
          'E',
          'egressip_controller.go:1872',
          `Failed to sync EgressIP marks: ${problem}`,
        );
        this.#tasks.stop();
        return;
      }
      const without = [...this.#known.objects.values()].filter((object) => !hasMark(object));
      inTurn(without, ({ metadata: { name } }, next) => this.#write(name, {}, next), done);
    });
  }

  /** Items of a status whose address the cloud does not know are taken out. */
  syncCloud(known: readonly CloudPrivateIpConfig[]): void {
    const names = new Set(known.map(({ metadata }) => metadata.name));
    for (const { metadata, status } of this.#known.objects.values()) {
      const items = status?.items ?? [];
      const kept = items.filter(({ egressIP }) => names.has(cloudName(egressIP)));
      if (kept.length === items.length) continue;
      this.#tasks.add((done) => this.#write(metadata.name, { items: kept }, done));
    }
  }

  addObject(object: EgressIp): void {
    this.learn(object);
    this.#enqueue(object.metadata.name);
  }

  /** Tries an object again. */
  retry(name: string): void {
    this.#enqueue(name);
  }

  updateObject(object: EgressIp): void {
    this.learn(object);
    this.#enqueue(object.metadata.name);
  }

  /** R6: allocations and mark are free again; nobody else is tried. */
  deleteObject({ metadata: { name }, status }: EgressIp): void {
    this.#known.forget(name);
    this.#tasks.add((done) => {
      const { isCloud, askCloud } = this.#options;
      this.allocator.release(name);
      this.marks.free(name);
      const items = isCloud ? (status?.items ?? []) : [];
      const ask = ({ egressIP }: EgressIpStatusItem, next: () => void): void =>
        askCloud({ kind: 'delete', name: cloudName(egressIP) }, next);
      inTurn(items, ask, done);
    });
  }

  addNode(node: Node): void {
    this.#note(node);
    this.#tasks.add((done) => this.#events.add(node, done));
  }

  updateNode(before: Node, after: Node): void {
    this.#note(after);
    this.#tasks.add((done) => this.#events.update(before, after, done));
  }

  /** N4. */
  deleteNode(node: Node): void {
    const { name } = node.metadata;
    this.#nodes.delete(name);
    this.allocator.hosts.set(name, undefined);
    this.#tasks.add((done) => {
      this.allocator.forget(name);
      this.#clients.get(name)?.disconnect();
      this.#clients.delete(name);
      if (isAssignable(node)) this.#moveFrom(name, done);
      else done();
    });
  }

  /** The cloud has done, or undone, what it was asked. */
  changeCloud(object: CloudPrivateIpConfig, isDeleted: boolean): void {
    const owner = object.metadata.annotations?.[OWNER_ANNOTATION];
    if (owner === undefined) return;
    if (isDeleted) this.#enqueue(owner);
    else if (isAssigned(object)) this.#tasks.add((done) => this.#confirm(owner, object, done));
  }

  /** One pass of the periodic check; `done` when all has been acted on. */
  check(done: () => void = () => undefined): void {
    this.#tasks.add((free) =>
      this.#round.run(() => {
        free();
        done();
      }),
    );
  }

  #note(node: Node): void {
    this.#nodes.set(node.metadata.name, node);
    this.#events.noteHost(node);
  }

  /** N3: only objects that miss an item are tried; complete ones never move. */
  #completeObjects(done: () => void): void {
    this.#reconcileAll(this.#known.incomplete(), done);
  }

  /** Objects with an item on a node: one patch each, one after another. */
  #moveFrom(node: string, done: () => void): void {
    this.#reconcileAll(this.#options.random.shuffle(this.#known.on(node)), done);
  }

  /** Objects whose IP sat on a secondary network that the node has no more. */
  #leaveLostNetworks(record: NodeRecord, done: () => void): void {
    this.#reconcileAll(this.#known.strandedOn(record), done);
  }

  #reconcileAll(objects: readonly EgressIp[], done: () => void): void {
    inTurn(objects, ({ metadata }, next) => this.#reconcile(metadata.name, next), done);
  }

  /** Keeps an object, unless a newer state of it is known. */
  learn(object: EgressIp): void {
    this.#known.learn(object);
  }

  #enqueue(name: string): void {
    this.#tasks.add((done) => this.#reconcile(name, done));
  }

  /** R1 to R5 of one object. */
  #reconcile(name: string, done: () => void): void {
    const object = this.#known.objects.get(name);
    const round = object === undefined ? null : this.allocator.round(object);
    if (round === null) {
      done();
      return;
    }
    const { kept, removed, added } = round;
    const { askCloud, isCloud } = this.#options;
    if (!isCloud) {
      if (removed.length === 0 && added.length === 0) done();
      else this.#write(name, { items: [...kept, ...added] }, done);
      return;
    }
    const ask = (): void => inTurn(cloudRequests(name, round), askCloud, done);
    if (removed.length === 0) ask();
    else this.#write(name, { items: kept }, ask);
  }

  /** The cloud has placed an address: now it stands in the status. */
  #confirm(owner: string, { metadata, spec }: CloudPrivateIpConfig, done: () => void): void {
    const items = this.#known.objects.get(owner)?.status?.items ?? [];
    const egressIP = canonicalIp(cloudIp(metadata.name));
    const { node } = spec;
    const isWanted =
      node !== undefined &&
      egressIP !== null &&
      this.allocator.record(node)?.allocations.get(egressIP) === owner;
    if (!isWanted || items.some((item) => item.egressIP === egressIP && item.node === node)) {
      done();
      return;
    }
    const others = items.filter((item) => item.egressIP !== egressIP);
    this.#write(owner, { items: [...others, { node, egressIP }] }, done);
  }

  /** One patch: the status, if it is given, and a mark if the object has none. */
  #write(name: string, { items }: EgressIpPatch, done: () => void): void {
    const { patch, voice } = this.#options;
    const object = this.#known.objects.get(name);
    const mark = object === undefined || hasMark(object) ? null : this.marks.allocate(name);
    if (items !== undefined) {
      const shown = items.map(({ node, egressIP }) => `{${node} ${egressIP}}`).join(' ');
      voice.log(
        'I',
        'egressip_controller.go:1818',
        `Patching status on EgressIP ${name}: [${shown}]`,
      );
    }
    const body = {
      ...(items === undefined ? {} : { items }),
      ...(mark === null ? {} : { mark }),
    };
    patch(name, body, (written) => {
      if (written !== null) this.learn(written);
      done();
    });
  }
}

function hasMark({ metadata }: EgressIp): boolean {
  return metadata.annotations?.[MARK_ANNOTATION] !== undefined;
}
