// Splits PEM text into its blocks (RFC 7468); used by certificates and databases.

/** Between the two lines anything may stand, the header lines of old encrypted keys too, but no other such line. */
const BLOCK = /-----BEGIN ([A-Z0-9 ]{1,40})-----(?:[^-]|-(?!----))*-----END \1-----/g

export interface PemBlock {
  /** `CERTIFICATE`, `PRIVATE KEY`, … */
  readonly label: string
  /** The block as it stands, with both boundary lines. */
  readonly text: string
}

/** Every block of `pem` in order; text between blocks is skipped, as the RFC allows. */
export function pemBlocks(pem: string): readonly PemBlock[] {
  return Array.from(pem.matchAll(BLOCK), (match) => ({ label: match[1] ?? '', text: match[0] }))
}

/** The certificates of `pem`, each as PEM text of its own; nothing is decoded. */
export function certificateBlocks(pem: string): readonly string[] {
  return pemBlocks(pem)
    .filter(({ label }) => label === 'CERTIFICATE' || label === 'X509 CERTIFICATE')
    .map(({ text }) => text)
}

/** The first private key of `pem`, encrypted or not; null when there is none. */
export function privateKeyBlock(pem: string): PemBlock | null {
  return pemBlocks(pem).find(({ label }) => label.endsWith('PRIVATE KEY')) ?? null
}
