// A certificate for 127.0.0.1, made for one run and signed by itself (RFC 5280). It is there because
// kubectl sends a bearer token over TLS only (client-go clientcmd, IsConfigTransportTLS); clients get
// it in their kubeconfig and trust nothing else.

import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import {
  bitString,
  DerTag,
  der,
  generalizedTime,
  integer,
  objectIdentifier,
  sequence,
  utf8String,
} from './der.ts';

/** Both in PEM. */
export interface Certificate {
  readonly certificate: string;
  readonly privateKey: string;
}

const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const COMMON_NAME = '2.5.4.3';
const KEY_USAGE = '2.5.29.15';
const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17';
const BASIC_CONSTRAINTS = '2.5.29.19';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';
/** digitalSignature (bit 0) and keyCertSign (bit 5); two bits unused. */
const KEY_USAGE_BITS = Uint8Array.of(DerTag.BitString, 2, 2, 0x84);
const TRUE = Uint8Array.of(DerTag.Boolean, 1, 0xff);

/** A clock that was set back a little does not matter. */
const BACKDATED_MILLISECONDS = 3_600_000;
/** No lab runs longer. */
const VALID_MILLISECONDS = 365 * 86_400_000;

/** A new P-256 key and its certificate for 127.0.0.1 and localhost. */
export function createCertificate(commonName: string): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(objectIdentifier(ECDSA_WITH_SHA256));
  const name = sequence(
    der(DerTag.Set, sequence(objectIdentifier(COMMON_NAME), utf8String(commonName))),
  );
  const now = Date.now();
  const body = sequence(
    der(0xa0, integer(Uint8Array.of(2))),
    integer(serialNumber()),
    algorithm,
    name,
    sequence(
      generalizedTime(new Date(now - BACKDATED_MILLISECONDS)),
      generalizedTime(new Date(now + VALID_MILLISECONDS)),
    ),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions()),
  );
  const signed = sequence(body, algorithm, bitString(sign('sha256', body, privateKey)));
  return {
    certificate: pem('CERTIFICATE', signed),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** Positive, and never zero. */
function serialNumber(): Uint8Array {
  const octets = randomBytes(16);
  octets[0] = ((octets[0] ?? 0) & 0x7f) | 0x40;
  return octets;
}

function extensions(): Uint8Array {
  const names = sequence(
    der(0x82, Buffer.from('localhost', 'ascii')),
    der(0x87, Uint8Array.of(127, 0, 0, 1)),
  );
  return sequence(
    extension(BASIC_CONSTRAINTS, sequence(TRUE), true),
    extension(KEY_USAGE, KEY_USAGE_BITS, true),
    extension(EXTENDED_KEY_USAGE, sequence(objectIdentifier(SERVER_AUTHENTICATION)), false),
    extension(SUBJECT_ALTERNATIVE_NAME, names, false),
  );
}

function extension(identifier: string, value: Uint8Array, critical: boolean): Uint8Array {
  const content = der(DerTag.OctetString, value);
  return critical
    ? sequence(objectIdentifier(identifier), TRUE, content)
    : sequence(objectIdentifier(identifier), content);
}

function pem(label: string, octets: Uint8Array): string {
  const lines = Buffer.from(octets)
    .toString('base64')
    .match(/.{1,64}/g);
  return `-----BEGIN ${label}-----\n${(lines ?? []).join('\n')}\n-----END ${label}-----\n`;
}
