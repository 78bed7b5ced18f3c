// Whether the common name of a server's certificate can be mistaken for an identity that the certificate does not give.
// Nobody here takes an identity from it, but other software does. Called by certificate-profile.ts.
// CA/Browser Forum Baseline Requirements section 7.1.4.3: what stands there stands in subjectAltName, in its one spelling.
// Of that rule only what has many spellings is held against a certificate: addresses and internationalised names.

import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'
import type { DecodedCertificate } from './decoded-certificate.ts'
import { isHostNamePattern } from './host-name.ts'
import { ipText } from './ip-octets.ts'

/** Whether each common name that has many spellings is one of subjectAltName, spelt as there or as RFC 5952 has it. */
export function hasPlainCommonNames({ subject, extensions }: DecodedCertificate): boolean {
  const names = (extensions.subjectAltNames ?? []).flatMap((name) => {
    if (name.kind === 'ip') return ipText(name.octets)
    return name.kind === 'dns' ? name.value : []
  })
  return subject.commonNames.every((text) => {
    if (readsAsAddress(text)) return names.includes(text)
    return !isInternationalName(text) || names.includes(text.toLowerCase())
  })
}

/** Some software reads 0xC0A80101 and 192.168.001.001 as addresses, too. */
function readsAsAddress(text: string): boolean {
  return isIP(text) !== 0 || isIP(domainToASCII(text)) !== 0
}

/** In Unicode or in A-labels. */
function isInternationalName(text: string): boolean {
  if (!text.includes('.')) return false
  const name = domainToASCII(text)
  return /(?:^|\.)xn--/.test(name) && isHostNamePattern(name)
}
