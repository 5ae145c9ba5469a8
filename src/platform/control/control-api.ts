// The lab's end of typed commands. Steps go through the reader and the actions of scenarios, `oc`
// through its own parser: what is typed here and what stands in a file cannot differ.

import { EgressLabError } from '../../base/errors.ts';
import { shellWord } from '../../base/shell-word.ts';
import type { OcRun } from '../../kube/oc/environment.ts';
import { parseOcArguments } from '../../kube/oc/parse.ts';
import * as status from '../../kube/server/status.ts';
import type { LabEvent } from '../../lab/events.ts';
import type { ScenarioSession } from '../../scenario/session.ts';
import { millis } from '../../sim/time.ts';
import type { Step } from '../../topology/steps/index.ts';
import { TypedSteps } from '../../topology/typed-step.ts';
import { runTool } from '../../view/linux-tools.ts';
import { nbctl } from '../../view/nbctl.ts';
import { labStatus } from '../../view/status.ts';
import { viewTable } from '../../view/tables.ts';
import { whyPod } from '../../view/why.ts';
import type { Perform } from '../api-server/api-lab.ts';
import { type Exchange, parseBody } from '../api-server/exchange.ts';
import type { ReplyStream } from '../api-server/reply-stream.ts';
import {
  type AnsweredCapture,
  answerCapture,
  type CaptureWish,
  capturePorts,
} from './capture-answer.ts';
import {
  ALIVE_MILLISECONDS,
  type ControlMessage,
  type ControlRequest,
  controlRequestSchema,
} from './protocol.ts';

/** Lines of the past that a reader of the timeline gets; the report of the lab has them all. */
const PAST_ENTRIES = 1000;

/** What the lab is called and how it does, for `status`. */
export type ServerStatus = Readonly<Record<string, string | number | null>>;

/** What the API is served for. */
export interface ControlApiOptions {
  readonly session: ScenarioSession;
  readonly perform: Perform;
  readonly status: () => ServerStatus;
  /** Ends the lab as Ctrl-C does. */
  readonly stop: () => void;
}

/** Answers one request at a time. */
class Answer {
  readonly stream: ReplyStream;

  constructor(stream: ReplyStream) {
    this.stream = stream;
    const timer = setInterval(() => this.say({ alive: true }), ALIVE_MILLISECONDS);
    stream.onClose(() => clearInterval(timer));
  }

  say(message: ControlMessage): void {
    this.stream.write(`${JSON.stringify(message)}\n`);
  }

  end(code: number): void {
    this.say({ exit: code });
    this.stream.end();
  }
}

/** Answers the requests of `egresslab` commands to a running lab. */
export class ControlApi {
  readonly #options: ControlApiOptions;
  readonly #steps: TypedSteps;
  /** Captures and timelines under way, each with how to end it. */
  readonly #streams = new Set<() => void>();

  constructor(options: ControlApiOptions) {
    this.#options = options;
    const { lab } = options.session;
    this.#steps = new TypedSteps(lab.topology, lab.cluster?.fabric);
  }

  /** Answers a request below CONTROL_PATH. */
  async serve(exchange: Exchange): Promise<void> {
    if (exchange.method !== 'POST') return exchange.fail(status.methodNotAllowed());
    const body = await exchange.body();
    if (!body.ok) return exchange.fail(body.status);
    const parsed = parseBody(body.text);
    const request = controlRequestSchema.safeParse(parsed.ok ? parsed.value : null);
    if (!request.success) return exchange.fail(status.badRequest('this is not a valid command'));
    const stream = exchange.stream('application/x-ndjson');
    if (stream === null) return;
    const answer = new Answer(stream);
    try {
      this.#carryOut(request.data, answer);
    } catch (error) {
      const isOurs = error instanceof EgressLabError;
      const { code, hint, message } = isOurs ? error : bug(error);
      answer.say({ problem: { code, message, hint } });
      answer.end(isOurs ? 2 : 70);
    }
  }

  /** The lab ends: whoever reads a capture or the timeline gets the rest of it. */
  endStreams(): void {
    for (const end of this.#streams) end();
  }

  #carryOut(request: ControlRequest, answer: Answer): void {
    const { perform, session } = this.#options;
    switch (request.verb) {
      case 'oc':
        this.#oc(request.args, new Map(Object.entries(request.files)), answer);
        break;
      case 'step':
        this.#step(request.step, answer);
        break;
      case 'view': {
        const { of, table } = request;
        answer.say({ data: perform(() => viewTable(session.lab, table, of)) });
        answer.end(0);
        break;
      }
      case 'exec': {
        const { machine, words } = request;
        answer.say({ out: perform(() => runTool(session.lab, machine, words)) });
        answer.end(0);
        break;
      }
      case 'nbctl': {
        const { of, words } = request;
        answer.say({ data: perform(() => nbctl(session.lab, of, words)) });
        answer.end(0);
        break;
      }
      case 'why':
        answer.say({ data: perform(() => whyPod(session.lab, request.pod)) });
        answer.end(0);
        break;
      case 'capture':
        this.#capture(request, answer);
        break;
      case 'events':
        this.#events(request.follow, answer);
        break;
      case 'ports':
        answer.say({ data: { ports: capturePorts(session.lab) } });
        answer.end(0);
        break;
      case 'status': {
        const lab = perform(() => labStatus(session.lab));
        answer.say({ data: { ...this.#options.status(), ...lab } });
        answer.end(0);
        break;
      }
      case 'down':
        answer.end(0);
        this.#options.stop();
        break;
    }
  }

  /** Whoever hangs up ends a watch, a wait or a followed log. */
  #oc(args: readonly string[], files: ReadonlyMap<string, string>, answer: Answer): void {
    const { perform, session } = this.#options;
    const { cluster } = session.lab;
    if (cluster === null) {
      throw new EgressLabError('EGL_NO_CLUSTER', 'this lab has no cluster', {
        hint: 'Start a lab that has one: egresslab up automatic',
      });
    }
    const command = parseOcArguments(args, cluster.store.kinds, files);
    const run = perform(
      (): OcRun =>
        cluster.startOc(command, args.map(shellWord).join(' '), {
          out: (out) => answer.say({ out }),
          err: (err) => answer.say({ err }),
          exit: (code) => answer.end(code),
        }),
    );
    // A command that has ended does not mind; one that goes on only stops listening.
    answer.stream.onClose(() => run.stop());
  }

  #capture(wish: CaptureWish, answer: Answer): void {
    const { perform, session } = this.#options;
    const capture: AnsweredCapture = perform(() =>
      answerCapture(session.lab, wish, answer.stream, (message) => answer.say(message)),
    );
    this.#goOn(answer, () => capture.end());
  }

  #events(follow: boolean, answer: Answer): void {
    const { session } = this.#options;
    const { entries } = session;
    const omitted = Math.max(0, entries.length - PAST_ENTRIES);
    answer.say({ data: { omitted, entries: entries.slice(omitted) } });
    if (!follow) {
      answer.end(0);
      return;
    }
    const unfollow = session.follow((entry) =>
      answer.say({ data: { omitted: 0, entries: [entry] } }),
    );
    this.#goOn(answer, unfollow);
  }

  /** An answer that ends with the lab, or when its reader hangs up; `close` is called then. */
  #goOn(answer: Answer, close: () => void): void {
    const end = (): void => {
      this.#streams.delete(end);
      close();
      answer.end(0);
    };
    this.#streams.add(end);
    answer.stream.onClose(() => {
      this.#streams.delete(end);
      close();
    });
  }

  #step(given: Readonly<Record<string, unknown>>, answer: Answer): void {
    const { perform, session } = this.#options;
    const { lab } = session;
    const step = this.#steps.read(given, lab.now);
    if (step.kind === 'expect') {
      throw new EgressLabError('EGL_COMMAND', 'expectations work in scenarios only', {
        hint: 'Write the step into a topology, or look with status, arp, fdb, conntrack and oc get.',
      });
    }
    const { entries } = session;
    const before = entries.length;
    const patient = step.kind === 'ping' || step.kind === 'arping';
    const unsubscribe = patient
      ? lab.events.subscribe((event) => tellProbe(event, step, answer, () => unsubscribe()))
      : () => {};
    answer.stream.onClose(unsubscribe);
    perform(() => session.perform(step));
    if (patient) return;
    for (const { source, text } of entries.slice(before)) {
      answer.say({ out: `${source}: ${text}\n` });
    }
    answer.end(0);
  }
}

/** The lab goes on: one command that met a bug is no reason to lose everything. */
function bug(error: unknown): EgressLabError {
  return new EgressLabError('EGL_BUG', `internal error: ${String(error)}`, {
    hint: 'Please report it with the topology, its seed and the command.',
  });
}

/** The words of a ping or an arping under way, and its end. */
function tellProbe(event: LabEvent, step: Step, answer: Answer, done: () => void): void {
  if (step.kind !== 'ping' && step.kind !== 'arping') return;
  if (event.kind === 'ping-reply') {
    const { fields } = event;
    if (fields.name !== step.name) return;
    const milliseconds = (fields.roundTrip / millis(1)).toFixed(3);
    const about = `icmp_seq=${fields.sequence} time=${milliseconds} ms`;
    answer.say({ out: `reply from ${fields.from}: ${about}\n` });
  } else if (event.kind === 'ping-done') {
    const { fields } = event;
    if (fields.name !== step.name) return;
    answer.say({ out: `${fields.sent} sent, ${fields.answered} answered, ${fields.lost} lost\n` });
    done();
    answer.end(fields.answered === 0 ? 1 : 0);
  } else if (event.kind === 'arping-done') {
    const { address, answeredBy, exitCode, name } = event.fields;
    if (name !== step.name) return;
    const heard =
      answeredBy.length === 0 ? 'nobody answered' : `answered by ${answeredBy.join(', ')}`;
    answer.say({ out: `${address}: ${heard}\n` });
    done();
    answer.end(exitCode);
  }
}
