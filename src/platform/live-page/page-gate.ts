// Who may see a running lab and take part: whoever has the link that the terminal shows, once. Any program and
// any web page of this machine can reach 127.0.0.1, so names, origins and cookies are held to be strangers'.

import type { IncomingMessage } from 'node:http';
import { createToken, isSameSecret } from '../api-server/token.ts';

/** More browsers than anybody has; the oldest one has to come again. */
const SESSION_LIMIT = 16;

/** The answer to a request, before anything is done. */
export type Admission =
  | { readonly kind: 'admitted' }
  /** The link was right: it is used up, and the browser is known by this cookie from now on. */
  | { readonly kind: 'welcome'; readonly cookie: string }
  | { readonly kind: 'refused'; readonly status: number; readonly why: string };

/** Lets browsers in, one link each. */
export class PageGate {
  readonly #sessions: string[] = [];
  #port = 0;
  #token: string = createToken();

  /** Where it listens. */
  set port(port: number) {
    this.#port = port;
  }

  /** For one browser; the next one gets another. */
  get link(): string {
    return `http://127.0.0.1:${this.#port}/?token=${this.#token}`;
  }

  /** Never throws, whatever a stranger sends. */
  admit({ headers, method = '', url = '' }: IncomingMessage): Admission {
    const own = [`127.0.0.1:${this.#port}`, `localhost:${this.#port}`];
    const { host = '', origin } = headers;
    // DNS rebinding comes under another name.
    if (!own.includes(host)) return refusal(421, 'This is not my name.');
    const { 'sec-fetch-site': site } = headers;
    const isOwn = origin === undefined ? method === 'GET' : origin === `http://${host}`;
    const token = new URLSearchParams(url.split('?')[1] ?? '').get('token');
    if (token !== null && method === 'GET') return this.#welcome(token);
    // Ports of one address are one site to a cookie, and not one origin.
    const isForeign = site !== undefined && site !== 'same-origin' && site !== 'none';
    if (!isOwn || isForeign) return refusal(403, 'Only the own page of the lab may ask that.');
    const known = cookieOf(headers.cookie ?? '', this.#cookieName);
    if (this.#sessions.some((session) => isSameSecret(known, session))) return { kind: 'admitted' };
    return refusal(403, 'Open the link that `egresslab up --web` shows in its terminal.');
  }

  #welcome(given: string): Admission {
    if (!isSameSecret(given, this.#token)) {
      return refusal(403, 'This link was used already. The terminal of the lab shows a new one.');
    }
    this.#token = createToken();
    const session = createToken();
    this.#sessions.push(session);
    if (this.#sessions.length > SESSION_LIMIT) this.#sessions.shift();
    const cookie = `${this.#cookieName}=${session}; HttpOnly; SameSite=Strict; Path=/`;
    return { kind: 'welcome', cookie };
  }

  /** Cookies do not know ports. */
  get #cookieName(): string {
    return `egresslab-${this.#port}`;
  }
}

function refusal(status: number, why: string): Admission {
  return { kind: 'refused', status, why };
}

function cookieOf(header: string, name: string): string {
  for (const part of header.split(';')) {
    const [key = '', value = ''] = part.trim().split('=', 2);
    if (key === name) return value;
  }
  return '';
}
