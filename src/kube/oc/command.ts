// Commands of `oc` and `kubectl` as data: the commands that the lab understands, verbatim as in
// OpenShift's documentation. Scenario steps, the command line and a live lab share this one parser
// (parse.ts), so that a step and a typed command cannot differ. execute.ts carries them out.

import type { Nanos } from '../../sim/time.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { Kind } from '../kinds/kind.ts';
import type { PatchType } from '../server/patch.ts';
import type { FieldSelector, LabelRequirements } from '../server/selector.ts';

/** How answers are printed. */
export type OutputFormat =
  | { readonly kind: 'table'; readonly wide: boolean }
  | { readonly kind: 'name' | 'json' | 'yaml' }
  | { readonly kind: 'jsonpath'; readonly template: string };

/** Objects by kind and name; null names them all (or those that a selector picks). */
export interface Target {
  readonly kind: Kind;
  readonly name: string | null;
  /** Of this very object, where a file says so; absent leaves it to the selection. */
  readonly namespace?: string | null;
}

/** Which objects a command is about. */
export interface Selection {
  /** Never empty. */
  readonly targets: readonly Target[];
  /** Null leaves it to the session. */
  readonly namespace: string | null;
  readonly allNamespaces: boolean;
  readonly labels: LabelRequirements;
  readonly fields: FieldSelector;
  /** No complaint about what does not exist. */
  readonly ignoreNotFound: boolean;
}

/** `get`. */
export interface GetCommand extends Selection {
  readonly verb: 'get';
  readonly output: OutputFormat;
  /** 'changes' prints no initial list. */
  readonly watch: 'no' | 'yes' | 'changes';
  readonly watchEvents: boolean;
  readonly headers: boolean;
  readonly showLabels: boolean;
  /** Objects as YAML or JSON with `metadata.managedFields`. */
  readonly showManagedFields: boolean;
  /** A JSONPath such as '{.metadata.name}'; null keeps the server's order. */
  readonly sortBy: string | null;
}

/** `describe`. */
export interface DescribeCommand extends Selection {
  readonly verb: 'describe';
}

/** `patch`. */
export interface PatchCommand extends Selection {
  readonly verb: 'patch';
  readonly type: PatchType;
  readonly patch: JsonValue;
  /** `--subresource=status`: the status, and nothing else. */
  readonly part: 'main' | 'status';
  readonly dryRun: boolean;
  /** Null prints `... patched`. */
  readonly output: OutputFormat | null;
}

/** An object as a file has it. */
export interface Manifest {
  readonly kind: Kind;
  readonly document: JsonObject;
}

/** `create -f`, `apply -f`, `replace -f`. */
export interface ManifestCommand {
  readonly verb: 'create' | 'apply' | 'replace';
  /** As it was typed. */
  readonly file: string;
  /** Never empty. */
  readonly manifests: readonly Manifest[];
  /** Null leaves it to the session. */
  readonly namespace: string | null;
  readonly dryRun: boolean;
  readonly output: 'message' | 'name';
  /** `apply --server-side`. */
  readonly serverSide: boolean;
  /** `--force-conflicts`. */
  readonly force: boolean;
  /** `--field-manager`; null is kubectl's own name for the verb. */
  readonly manager: string | null;
}

/** `delete`. */
export interface DeleteCommand extends Selection {
  readonly verb: 'delete';
  readonly output: 'message' | 'name';
}

/** `annotate` and `label`: null removes the key. */
export interface MetadataCommand extends Selection {
  readonly verb: 'annotate' | 'label';
  readonly changes: ReadonlyMap<string, string | null>;
  readonly overwrite: boolean;
}

/** `cordon` and `uncordon`. */
export interface CordonCommand extends Selection {
  readonly verb: 'cordon' | 'uncordon';
}

/** What `wait` waits for. */
export type WaitCondition =
  | { readonly kind: 'delete' }
  | { readonly kind: 'condition'; readonly type: string; readonly status: string }
  | { readonly kind: 'jsonpath'; readonly template: string; readonly value: string | null };

/** `wait`. */
export interface WaitCommand extends Selection {
  readonly verb: 'wait';
  readonly condition: WaitCondition;
  readonly timeout: Nanos;
}

/** `logs`. */
export interface LogsCommand {
  readonly verb: 'logs';
  readonly pod: string;
  readonly namespace: string | null;
  readonly container: string | null;
  readonly follow: boolean;
  /** The last so many lines; null is all of them. */
  readonly tail: number | null;
  /** Only lines younger than this; null is all of them. */
  readonly since: Nanos | null;
  readonly timestamps: boolean;
}

/** `api-resources`. */
export interface ApiResourcesCommand {
  readonly verb: 'api-resources';
}

/** Any command. */
export type OcCommand =
  | GetCommand
  | DescribeCommand
  | PatchCommand
  | DeleteCommand
  | ManifestCommand
  | MetadataCommand
  | CordonCommand
  | WaitCommand
  | LogsCommand
  | ApiResourcesCommand;

/** The first word of a command. */
export type OcVerb = OcCommand['verb'];
