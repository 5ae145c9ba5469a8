// What `egresslab up` serves beside the lab: the Kubernetes API for kubectl and the commands that are
// typed at it, on one port of 127.0.0.1; and the entry by which both are found.

import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { EgressLabError } from '../base/errors.ts';
import { shellWord } from '../base/shell-word.ts';
import * as status from '../kube/server/status.ts';
import type { Lab } from '../lab/lab.ts';
import type { ScenarioSession } from '../scenario/session.ts';
import { ApiLab, type Perform } from './api-server/api-lab.ts';
import { createCertificate } from './api-server/certificate.ts';
import type { Exchange } from './api-server/exchange.ts';
import { HttpsListener, type ListenerLimits } from './api-server/https-listener.ts';
import { KubeApi } from './api-server/kube-api.ts';
import { writeKubeconfig } from './api-server/kubeconfig.ts';
import { createToken } from './api-server/token.ts';
import { ControlApi } from './control/control-api.ts';
import type { LabEntry } from './control/lab-entry.ts';
import {
  LAB_NAME,
  labDirectory,
  registerLab,
  removeLab,
  updateLab,
} from './control/lab-registry.ts';
import { processStart } from './control/process-start.ts';
import { CONTROL_PATH } from './control/protocol.ts';
import { claimRuntimeDirectory, type EnvironmentVariables } from './control/runtime-directory.ts';
import { makeSecretDirectory, writeSecret } from './control/secret-file.ts';
import { sudoCaller } from './file-owner.ts';
import type { RealtimeDriver } from './realtime-driver.ts';

/** What a lab is served with. */
export interface LabServerOptions {
  /** As `--lab` will call it. */
  readonly name: string;
  /** Nobody asked for this very name: when it is taken, `name-2` will do. */
  readonly anyName: boolean;
  /** 0: any free port. */
  readonly port: number;
  /** Where the kubeconfig goes; null: beside the lab's other secrets. */
  readonly kubeconfig: string | null;
  readonly workingDirectory: string;
  readonly environment: EnvironmentVariables;
  /** Ends the lab as Ctrl-C does. */
  readonly stop: () => void;
  readonly limits?: Partial<ListenerLimits>;
}

interface Running {
  readonly control: ControlApi;
  readonly directory: string;
  readonly entry: LabEntry;
  readonly listener: HttpsListener;
}

/** A running lab as others reach it: its API server, its registry entry, its kubeconfig. */
export class LabServer {
  readonly #options: LabServerOptions;
  #running: Running | null = null;

  /** @throws EgressLabError EGL_LAB_NAME */
  constructor(options: LabServerOptions) {
    if (!LAB_NAME.test(options.name)) {
      throw new EgressLabError('EGL_LAB_NAME', `"${options.name}" cannot be the name of a lab`, {
        hint: 'Use letters, digits, ".", "_" and "-", such as --lab blue.',
      });
    }
    this.#options = options;
  }

  async start(
    lab: Lab,
    driver: RealtimeDriver,
    say: (line: string) => void,
    session: ScenarioSession,
  ): Promise<void> {
    const { environment, limits, port } = this.#options;
    const directory = claimRuntimeDirectory(environment);
    const draft = this.#register(directory, lab);
    const token = createToken();
    const certificate = createCertificate(`egresslab ${draft.name}`);
    const perform: Perform = (action) => driver.perform(action);
    const control = this.#control(session, perform, draft);
    const listener = new HttpsListener({
      port,
      token,
      certificate,
      serve: this.#handler(session, perform, control),
      ...(limits === undefined ? {} : { limits }),
    });
    try {
      const secrets = labDirectory(directory, draft.name);
      makeSecretDirectory(secrets);
      writeSecret(draft.tokenFile, token);
      writeSecret(draft.certificateFile, certificate.certificate);
      await listener.open();
      if (draft.kubeconfig !== null) {
        const server = `https://127.0.0.1:${listener.port}`;
        const content = { lab: draft.name, server, certificate: certificate.certificate, token };
        const owner = this.#options.kubeconfig === null ? null : sudoCaller(environment);
        writeKubeconfig(draft.kubeconfig, content, owner);
      }
      const entry = { ...draft, port: listener.port };
      updateLab(directory, entry);
      this.#running = { control, directory, entry, listener };
    } catch (error) {
      await listener.close();
      removeLab(directory, draft);
      throw error;
    }
    if (draft.kubeconfig !== null) say(`export KUBECONFIG=${shellWord(draft.kubeconfig)}`);
    const which = draft.name === lab.topology.name ? '' : ` --lab ${draft.name}`;
    say(`The lab is listening: egresslab status${which}`);
  }

  /** As commands call the lab: the name that it was given in the end. */
  get name(): string {
    return this.#running?.entry.name ?? this.#options.name;
  }

  /** What clients left unread. */
  get unread(): { readonly cut: number } {
    return { cut: this.#running?.listener.streams.backlog.cut ?? 0 };
  }

  async stop(): Promise<void> {
    const running = this.#running;
    if (running === null) return;
    this.#running = null;
    // First the entry, so that no command finds a lab that is about to end.
    removeLab(running.directory, running.entry);
    running.control.endStreams();
    await running.listener.close();
  }

  /** Takes a name: the one that was asked for, or the first that is free. @throws EgressLabError EGL_LAB_RUNNING */
  #register(directory: string, lab: Lab): LabEntry {
    const { anyName, name } = this.#options;
    for (let number = 1; ; number++) {
      const entry = this.#draft(directory, number === 1 ? name : `${name}-${number}`, lab);
      try {
        registerLab(directory, entry);
        return entry;
      } catch (error) {
        const isTaken = error instanceof EgressLabError && error.code === 'EGL_LAB_RUNNING';
        if (!anyName || !isTaken) throw error;
      }
    }
  }

  #draft(directory: string, name: string, lab: Lab): LabEntry {
    const { kubeconfig, workingDirectory } = this.#options;
    const secrets = labDirectory(directory, name);
    const file =
      kubeconfig === null ? join(secrets, 'kubeconfig') : resolve(workingDirectory, kubeconfig);
    return {
      schemaVersion: 1,
      name,
      id: randomBytes(8).toString('hex'),
      pid: process.pid,
      processStart: processStart(process.pid),
      port: null,
      tokenFile: join(secrets, 'token'),
      certificateFile: join(secrets, 'certificate.pem'),
      kubeconfig: lab.cluster === null ? null : file,
      topology: lab.topology.file,
      startedAt: new Date().toISOString(),
    };
  }

  #control(session: ScenarioSession, perform: Perform, entry: LabEntry): ControlApi {
    return new ControlApi({
      session,
      perform,
      status: () => {
        const { id, kubeconfig, name, pid, startedAt } = entry;
        const port = this.#running?.listener.port ?? null;
        const streams = this.#running?.listener.streams.open ?? 0;
        return { lab: name, id, pid, startedAt, port, kubeconfig, streams };
      },
      stop: this.#options.stop,
    });
  }

  #handler(
    session: ScenarioSession,
    perform: Perform,
    control: ControlApi,
  ): (exchange: Exchange) => Promise<void> | void {
    const { lab } = session;
    const { cluster } = lab;
    const kube = cluster === null ? null : new KubeApi(new ApiLab(lab, cluster, perform));
    return (exchange) => {
      if (exchange.path.join('/') === CONTROL_PATH.join('/')) return control.serve(exchange);
      if (kube === null) return exchange.fail(status.pathNotFound());
      return kube.serve(exchange);
    };
  }
}
