// Splits PEM text into its blocks (RFC 7468); used by certificates and databases.

const BOUNDARY = /-----(BEGIN|END) ([A-Z0-9 ]{1,40})-----/g
const DASHES = '-----'

export interface PemBlock {
  /** `CERTIFICATE`, `PRIVATE KEY`, … */
  readonly label: string
  /** The block as it stands, with both boundary lines. */
  readonly text: string
}

/**
 * Every block of `pem` in order; text between blocks is skipped, as the RFC allows. Between the two lines of a block
 * anything may stand, the header lines of old encrypted keys too, but no other such line.
 */
export function pemBlocks(pem: string): readonly PemBlock[] {
  const blocks: PemBlock[] = []
  let begin: RegExpExecArray | null = null
  // Line by line: an expression for the whole block would run out of stack in a revocation list of some megabytes.
  for (const boundary of pem.matchAll(BOUNDARY)) {
    const [line, kind, label = ''] = boundary
    if (kind === 'END' && begin?.[2] === label && isNextLine(pem, begin, boundary)) {
      blocks.push({ label, text: pem.slice(begin.index, boundary.index + line.length) })
    }
    begin = kind === 'BEGIN' ? boundary : null
  }
  return blocks
}

/** Whether no dashes stand between the two. */
function isNextLine(pem: string, begin: RegExpExecArray, end: RegExpExecArray): boolean {
  return pem.indexOf(DASHES, begin.index + begin[0].length) === end.index
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
