// `oc wait`: until each of the objects meets a condition, or is gone, or time is up.

import { isJsonArray, isJsonObject, type JsonValue } from '../json.ts';
import { qualifiedSingular } from '../kinds/kind.ts';
import { asDocument, type KubeObject } from '../kinds/object.ts';
import { Watch } from '../server/watch.ts';
import type { WaitCommand, WaitCondition } from './command.ts';
import { ENDED, type OcEnvironment, type OcOutput, type OcRun } from './environment.ts';
import { type Found, findObjects } from './find.ts';
import { renderJsonPath } from './json-path.ts';

/** Prints a line for each object as it is done; exits 1 when time is up first. */
export function wait(command: WaitCommand, environment: OcEnvironment, output: OcOutput): OcRun {
  const { complaints, found } = findObjects(command, environment);
  const gone = command.condition.kind === 'delete';
  if (found.length === 0) {
    const nothing = complaints === '' ? 'error: no matching resources found\n' : complaints;
    if (!gone) output.err(nothing);
    output.exit(gone ? 0 : 1);
    return ENDED;
  }
  return new Waiting(found, command, environment, output).begin();
}

class Waiting implements OcRun {
  readonly #open: Found[];
  readonly #command: WaitCommand;
  readonly #environment: OcEnvironment;
  readonly #output: OcOutput;
  readonly #watches: Watch[] = [];
  #cancel: (() => void) | null = null;

  constructor(
    found: readonly Found[],
    command: WaitCommand,
    environment: OcEnvironment,
    output: OcOutput,
  ) {
    this.#open = [...found];
    this.#command = command;
    this.#environment = environment;
    this.#output = output;
  }

  begin(): OcRun {
    const { scheduler, store } = this.#environment;
    for (const item of [...this.#open]) this.#look(item.object, false);
    if (this.#open.length === 0) {
      this.#end(0);
      return ENDED;
    }
    const timer = scheduler.after(this.#command.timeout, () => this.#giveUp(), null, null);
    this.#cancel = () => scheduler.cancel(timer);
    const since = store.resourceVersion;
    for (const kind of new Set(this.#open.map((item) => item.kind))) {
      const watch = store.watch(kind, { since }, ({ object, type }) => {
        this.#look(object, type === 'DELETED');
        if (this.#open.length === 0) this.#end(0);
      });
      if (watch instanceof Watch) this.#watches.push(watch);
    }
    return this;
  }

  stop(): void {
    if (this.#cancel !== null) this.#end(130);
  }

  #look(object: KubeObject, deleted: boolean): void {
    const at = this.#open.findIndex((item) => item.object.metadata.uid === object.metadata.uid);
    const item = this.#open[at];
    if (item === undefined || !isMet(object, deleted, this.#command.condition)) return;
    this.#open.splice(at, 1);
    this.#output.out(`${qualifiedSingular(item.kind)}/${object.metadata.name} condition met\n`);
  }

  #giveUp(): void {
    for (const { kind, object } of this.#open) {
      const subject = `${kind.plural}/${object.metadata.name}`;
      this.#output.err(`error: timed out waiting for the condition on ${subject}\n`);
    }
    this.#end(1);
  }

  #end(code: number): void {
    this.#cancel?.();
    this.#cancel = null;
    for (const watch of this.#watches) watch.close();
    this.#output.exit(code);
  }
}

function isMet(object: KubeObject, deleted: boolean, condition: WaitCondition): boolean {
  if (condition.kind === 'delete') return deleted;
  if (deleted) return false;
  if (condition.kind === 'condition') {
    const status = conditionStatus(object, condition.type);
    return status?.toLowerCase() === condition.status.toLowerCase();
  }
  const rendered = renderJsonPath(condition.template, asDocument(object));
  if (!rendered.ok) return false;
  return condition.value === null ? rendered.text !== '' : rendered.text === condition.value;
}

/** The status of a condition of any object that has `status.conditions`; null when it has none of that type. */
function conditionStatus(object: KubeObject, type: string): string | null {
  const { status } = asDocument(object);
  const conditions = isJsonObject(status) ? status.conditions : undefined;
  const isMeant = (condition: JsonValue): boolean =>
    isJsonObject(condition) && condition.type === type;
  const found = isJsonArray(conditions) ? conditions.find(isMeant) : undefined;
  return isJsonObject(found) ? String(found.status) : null;
}
