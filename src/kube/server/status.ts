// Failures of the API as the server words them: `Status` objects, returned and never thrown, because
// a refused write is an ordinary answer. Texts follow apimachinery pkg/api/errors; kubectl prints them.

import type { JsonObject } from '../json.ts';
import type { FieldCause } from '../kinds/cause.ts';
import { type Kind, qualifiedPlural } from '../kinds/kind.ts';

/** What a Status says of its object. */
export type StatusDetails = {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly FieldCause[];
};

/** metav1.Status with status Failure. */
export type Status = {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: JsonObject;
  readonly status: 'Failure';
  readonly message: string;
  readonly reason: string;
  readonly details?: StatusDetails;
  readonly code: number;
};

/** An answer of the API: an object and whether the call changed it, or a refusal. */
export type ApiResult<T> =
  | {
      readonly ok: true;
      readonly object: T;
      readonly changed: boolean;
      /** What the client should know, such as unknown fields that were dropped. */
      readonly warnings?: readonly string[];
    }
  | { readonly ok: false; readonly status: Status };

function failure(code: number, reason: string, message: string, details?: StatusDetails): Status {
  const base = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' } as const;
  return details === undefined
    ? { ...base, message, reason, code }
    : { ...base, message, reason, details, code };
}

function detailsOf(kind: Kind, name: string): StatusDetails {
  const { group, plural } = kind;
  return group === '' ? { name, kind: plural } : { name, group, kind: plural };
}

/** 404: there is no such object. */
export function notFound(kind: Kind, name: string): Status {
  const message = `${qualifiedPlural(kind)} "${name}" not found`;
  return failure(404, 'NotFound', message, detailsOf(kind, name));
}

/** 404: there is no such path. */
export function pathNotFound(): Status {
  return failure(404, 'NotFound', 'the server could not find the requested resource', {});
}

/** 409: an object of that name exists. */
export function alreadyExists(kind: Kind, name: string): Status {
  const message = `${qualifiedPlural(kind)} "${name}" already exists`;
  return failure(409, 'AlreadyExists', message, detailsOf(kind, name));
}

/** 409: the resourceVersion of an update is not the current one. */
export function conflict(kind: Kind, name: string): Status {
  const why =
    'the object has been modified; please apply your changes to the latest version and try again';
  const message = `Operation cannot be fulfilled on ${qualifiedPlural(kind)} "${name}": ${why}`;
  return failure(409, 'Conflict', message, detailsOf(kind, name));
}

/** 409: a server-side apply would change what other managers own. */
export function applyConflict(causes: readonly FieldCause[], message: string): Status {
  return failure(409, 'Conflict', message, { causes });
}

/** 410: a list cannot be continued, since the state that it began with is no longer known. */
export function continueExpired(): Status {
  const message =
    'The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.';
  return failure(410, 'Expired', message);
}

/** 422: the object would not be valid; every cause is named. */
export function invalid(kind: Kind, name: string, causes: readonly FieldCause[]): Status {
  const texts = causes.map((cause) => `${cause.field}: ${cause.message}`);
  const list = texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
  const { group, name: kindName } = kind;
  const subject = group === '' ? kindName : `${kindName}.${group}`;
  const details: StatusDetails = {
    name,
    ...(group === '' ? {} : { group }),
    kind: kindName,
    causes,
  };
  return failure(422, 'Invalid', `${subject} "${name}" is invalid: ${list}`, details);
}

/** 422 as a JSON patch whose operations do not apply gets it. */
export function unprocessable(): Status {
  return failure(
    422,
    'Invalid',
    'the server rejected our request due to an error in our request',
    {},
  );
}

/** 400: the body cannot be understood. */
export function badRequest(message: string): Status {
  return failure(400, 'BadRequest', message);
}

/** 400: what is there can only be had over WebSocket. */
export function upgradeRequired(): Status {
  return badRequest(
    'unable to upgrade connection: commands are spoken over WebSocket (v5.channel.k8s.io, v4.channel.k8s.io), as kubectl 1.30 and newer do',
  );
}

/** 401: no token, or a wrong one. */
export function unauthorized(): Status {
  return failure(401, 'Unauthorized', 'Unauthorized');
}

/** 403: understood and refused. */
export function forbidden(message: string): Status {
  return failure(403, 'Forbidden', message);
}

/** 405: the resource does not know this verb. */
export function methodNotAllowed(): Status {
  const message = 'the server does not allow this method on the requested resource';
  return failure(405, 'MethodNotAllowed', message, {});
}

/** 410: the watch starts before the oldest change that is still known. */
export function expired(wanted: number, oldest: number): Status {
  return failure(410, 'Expired', `too old resource version: ${wanted} (${oldest})`);
}

/** 413: the body is larger than the server takes. */
export function tooLarge(limitBytes: number): Status {
  const message = `Request entity too large: limit is ${limitBytes}`;
  return failure(413, 'RequestEntityTooLarge', message);
}

/** 413: the object is larger than etcd takes (its 500 of older servers is a 413 here). */
export function objectTooLarge(): Status {
  return failure(413, 'RequestEntityTooLarge', 'etcdserver: request is too large');
}

/** 403: all objects together are more than the server keeps. */
export function storageFull(): Status {
  return failure(403, 'Forbidden', 'etcdserver: mvcc: database space exceeded');
}

/** 415: the patch type is not known for this resource. */
export function unsupportedPatchType(custom: boolean): Status {
  return unsupportedMediaType([
    'application/json-patch+json',
    'application/merge-patch+json',
    ...(custom ? [] : ['application/strategic-merge-patch+json']),
    'application/apply-patch+yaml',
  ]);
}

/** 415: the body is of none of these types. */
export function unsupportedMediaType(accepted: readonly string[]): Status {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
  return failure(415, 'UnsupportedMediaType', message);
}

/** 406: the client takes nothing that the server has to offer. */
export function notAcceptable(): Status {
  const message = 'only the following media types are accepted: application/json';
  return failure(406, 'NotAcceptable', message);
}

/** 429: too much at once. */
export function tooManyRequests(what: string): Status {
  return failure(429, 'TooManyRequests', `too many ${what}, please try again later`);
}

/** 500: a bug, or a lab that has stopped. */
export function internalError(message: string): Status {
  return failure(500, 'InternalError', `Internal error occurred: ${message}`);
}

/** 500 as the API server answers when a node's kubelet cannot be reached; `address` with its port. */
export function kubeletUnreachable(address: string): Status {
  return failure(500, '', `error dialing backend: dial tcp ${address}: connect: no route to host`);
}

/** 504: no answer within the client's patience; made by the client's side of a cut connection. */
export function timedOut(message: string): Status {
  return failure(504, 'Timeout', message);
}
