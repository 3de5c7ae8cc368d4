/** Certificates for tests, made in memory: authorities, issued and self-signed certificates. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto);

const DAY_MS = 24 * 60 * 60 * 1000;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** A certificate and its private key, in PEM. */
export interface Credentials {
  readonly cert: string;
  readonly key: string;
}

export interface Subject {
  /** Host names and addresses; a server is checked against them. */
  readonly names?: readonly string[];
  readonly use?: 'server' | 'client';
  /** When it begins and ceases to be valid, in days from now; else yesterday and tomorrow. */
  readonly fromDay?: number;
  readonly toDay?: number;
}

/** A new certificate authority that no client trusts. */
export class Authority {
  private constructor(
    /** What one trusts who trusts it, in PEM. */
    readonly cert: string,
    private readonly name: string,
    private readonly signingKey: webcrypto.CryptoKey,
  ) {}

  static async create(name = 'CN=Test authority'): Promise<Authority> {
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name,
      keys,
      ...validity({}),
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      ],
    });
    return new Authority(certificate.toString('pem'), name, keys.privateKey);
  }

  async issue(subject: Subject = {}): Promise<Credentials> {
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      subject: 'CN=Test certificate',
      issuer: this.name,
      publicKey: keys.publicKey,
      signingKey: this.signingKey,
      ...validity(subject),
      signingAlgorithm: ALGORITHM,
      extensions: extensions(subject),
    });
    return credentials(certificate, keys);
  }
}

/** A certificate that vouches for itself. */
export async function selfSigned(subject: Subject = {}): Promise<Credentials> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Test certificate',
    keys,
    ...validity(subject),
    signingAlgorithm: ALGORITHM,
    extensions: extensions(subject),
  });
  return credentials(certificate, keys);
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function validity({ fromDay = -1, toDay = 1 }: Subject): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now + fromDay * DAY_MS), notAfter: new Date(now + toDay * DAY_MS) };
}

function extensions({ names = [], use = 'server' }: Subject): x509.Extension[] {
  const { clientAuth, serverAuth } = x509.ExtendedKeyUsage;
  const altNames = names.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value }) as const);
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([use === 'server' ? serverAuth : clientAuth]),
    ...(altNames.length > 0 ? [new x509.SubjectAlternativeNameExtension([...altNames])] : []),
  ];
}

async function credentials(
  certificate: x509.X509Certificate,
  { privateKey }: webcrypto.CryptoKeyPair,
): Promise<Credentials> {
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', privateKey);
  return { cert: certificate.toString('pem'), key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY') };
}
