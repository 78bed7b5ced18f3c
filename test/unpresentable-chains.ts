// Chains that a server cannot be made to present as they are, by the names of their cases, and why. On all others the tools
// and both backends give the same verdict.

interface Unpresentable {
  readonly pattern: RegExp
  readonly reason: string
}

const UNSORTED = /out of order|do not belong|known one last|expired cross-signed/
const SHORT_KEY = /RSA key/

/** For the servers of the tools, and that of either backend. */
export const unpresentable: Readonly<Record<'openssl' | 'gnutls' | 'backend', readonly Unpresentable[]>> = {
  openssl: [],
  gnutls: [{ pattern: UNSORTED, reason: 'gnutls-serv sorts a chain and leaves out what is not on its one path' }],
  backend: [
    { pattern: UNSORTED, reason: 'a TlsCertificate keeps of its issuers what forms one path' },
    { pattern: SHORT_KEY, reason: 'OpenSSL loads no certificate with a key that is too short' },
  ],
}
