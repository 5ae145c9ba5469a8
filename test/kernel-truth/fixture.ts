// What the kernel did, as measured: test/fixtures/groundtruth/*.expect.json. The format is described in
// the README beside the scripts that made it.

import { readFileSync } from 'node:fs';
import { formatMac, type MacAddress } from '../../src/wire/mac-address.ts';
import { FIXTURES } from './project.ts';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** A frame, or what the script did, in order; `kind` says which fields there are. */
export interface TruthEvent extends JsonObject {
  readonly t: number;
  readonly kind: string;
}

/** What an application saw. */
export interface AppLine {
  readonly t: number;
  readonly text: string;
}

export interface EntryState {
  readonly state: string;
  readonly lladdr: string | null;
}

/** The life of one neighbor entry during a case. */
export interface NeighborLife {
  readonly host: string;
  readonly dev: string;
  readonly ip: string;
  readonly before: EntryState | null;
  readonly timeline: readonly (EntryState & { readonly t: number })[];
}

export interface Measured {
  readonly value: Json;
  readonly min?: number;
  readonly max?: number;
}

export interface Check {
  readonly check: string;
  readonly ok: boolean;
}

export interface FixtureCase {
  readonly id: string;
  readonly description: string;
  readonly why?: string;
  /** Seconds. */
  readonly tTolerance: number;
  /** Random timers decide: only facts, ranges and checks count. */
  readonly variable?: boolean;
  readonly events: readonly TruthEvent[];
  readonly app?: Readonly<Record<string, readonly AppLine[]>>;
  readonly neigh?: readonly NeighborLife[];
  readonly facts?: Readonly<Record<string, Json>>;
  readonly measured?: Readonly<Record<string, Measured>>;
  readonly checks?: readonly Check[];
}

export interface Fixture {
  readonly name: string;
  readonly title: string;
  readonly kernel: string;
  readonly hz: number;
  readonly roles: {
    readonly mac: Readonly<Record<string, string>>;
    readonly ip: Readonly<Record<string, string>>;
  };
  readonly cases: readonly FixtureCase[];
}

/** @throws when there is no such fixture */
export function readFixture(name: string): Fixture {
  return JSON.parse(readFileSync(new URL(`${name}.expect.json`, FIXTURES), 'utf8')) as Fixture;
}

/** Role names instead of addresses, as the fixtures have them. */
export class Roles {
  readonly #macs = new Map<string, string>();
  readonly #addresses = new Map<string, string>();
  readonly #fixture: Fixture;

  constructor(fixture: Fixture) {
    this.#fixture = fixture;
    for (const [role, mac] of Object.entries(fixture.roles.mac)) this.#macs.set(mac, role);
    for (const [role, ip] of Object.entries(fixture.roles.ip)) this.#addresses.set(ip, role);
    this.#macs.set('ff:ff:ff:ff:ff:ff', 'BROADCAST');
    this.#macs.set('00:00:00:00:00:00', 'ZERO');
    this.#addresses.set('0.0.0.0', 'ZERO');
  }

  /** 'B' for 02:00:00:00:00:0b; the address itself where nobody has it. */
  mac(address: MacAddress | string): string {
    const text = typeof address === 'string' ? address : formatMac(address);
    return this.#macs.get(text) ?? text;
  }

  /** 'A' for 10.0.0.1. */
  ip(address: string): string {
    return this.#addresses.get(address) ?? address;
  }

  /** The MAC of a role, or null. */
  hasMac(role: string): string | null {
    return this.#fixture.roles.mac[role] ?? null;
  }

  /** The address of a role, or null. */
  hasIp(role: string): string | null {
    return this.#fixture.roles.ip[role] ?? null;
  }

  /** 'B' → '02:00:00:00:00:0b'. @throws when the fixture knows no such role */
  macOf(role: string): string {
    return known(this.#fixture.roles.mac[role], role);
  }

  /** 'A' → '10.0.0.1'. @throws when the fixture knows no such role */
  ipOf(role: string): string {
    return known(this.#fixture.roles.ip[role], role);
  }
}

function known(value: string | undefined, role: string): string {
  if (value === undefined) throw new Error(`the fixture has no role ${role}`);
  return value;
}
