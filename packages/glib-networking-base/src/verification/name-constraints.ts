// Whether the names of a certificate are ones its issuers may certify. Called by path-checks.ts.
// RFC 5280 sections 4.2.1.10 and 6.1.4 (g); wildcards as CVE-2025-61727 taught.

import type { DecodedCertificate } from './decoded-certificate.ts'
import type { DistinguishedName } from './distinguished-name.ts'
import type { GeneralName } from './general-name.ts'
import { isHostName, isHostNamePattern, isWithinDomain } from './host-name.ts'
import { isInNetwork } from './ip-octets.ts'
import type { NameConstraints } from './name-constraints-extension.ts'
import type { VerificationBudget } from './verification-budget.ts'

type Relation = 'inside' | 'outside' | 'overlapping'

/**
 * Whether every name of `certificate` is permitted and none excluded. Names of a form that is constrained and not
 * understood, or that are malformed, are not.
 *
 * @throws {BudgetExceeded} When that would take too many comparisons.
 */
export function namesAreAllowed(
  certificate: DecodedCertificate,
  constraints: NameConstraints,
  budget: VerificationBudget,
): boolean {
  return constrainedNames(certificate).every((name) => nameIsAllowed(name, constraints, budget))
}

/** The subject and what stands in subjectAltName; mail addresses in the subject count when there are no others. */
function constrainedNames(certificate: DecodedCertificate): readonly GeneralName[] {
  const { subject } = certificate
  const alternatives = certificate.extensions.subjectAltNames ?? []
  const names: GeneralName[] = subject.isEmpty ? [] : [{ kind: 'directory', name: subject }]
  if (!alternatives.some(({ kind }) => kind === 'email')) {
    for (const value of subject.emailAddresses) names.push({ kind: 'email', value })
  }
  return [...names, ...alternatives]
}

function nameIsAllowed(name: GeneralName, constraints: NameConstraints, budget: VerificationBudget): boolean {
  const sameKind = ({ kind }: GeneralName): boolean => kind === name.kind
  budget.spendComparisons(constraints.excluded.length + constraints.permitted.length)
  for (const excluded of constraints.excluded) {
    if (sameKind(excluded) && relation(name, excluded) !== 'outside') return false
  }
  let isConstrained = false
  for (const permitted of constraints.permitted) {
    if (!sameKind(permitted)) continue
    if (relation(name, permitted) === 'inside') return true
    isConstrained = true
  }
  return !isConstrained
}

/** How `name` lies to `base`, which is of the same kind; `overlapping` for what can be neither permitted nor let pass. */
function relation(name: GeneralName, base: GeneralName): Relation {
  if (name.kind === 'dns' && base.kind === 'dns') return dnsRelation(name.value, base.value)
  if (name.kind === 'email' && base.kind === 'email') return emailRelation(name.value, base.value)
  if (name.kind === 'uri' && base.kind === 'uri') return uriRelation(name.value, base.value.toLowerCase())
  if (name.kind === 'ip' && base.kind === 'ip') return ipRelation(name.octets, base.octets)
  if (name.kind === 'directory' && base.kind === 'directory') return directoryRelation(name.name, base.name)
  return 'overlapping'
}

function dnsRelation(name: string, base: string): Relation {
  if (!isHostNamePattern(name)) return 'overlapping'
  if (!name.startsWith('*.')) return inside(isWithinDomain(name, base))
  const parent = name.slice(2)
  if (isWithinDomain(parent, base) || parent === base.replace(/^\./, '')) return 'inside'
  // `*.example.com` also stands for `bar.example.com`, on which the constraint may lie.
  const constrained = base.replace(/^\./, '')
  return constrained.slice(constrained.indexOf('.') + 1) === parent ? 'overlapping' : 'outside'
}

/** The part before the last @ is compared as it stands, the host without regard to case. */
function emailRelation(name: string, base: string): Relation {
  const at = name.indexOf('@')
  const host = name.slice(at + 1).toLowerCase()
  if (at <= 0 || !isHostName(host)) return 'overlapping'
  const baseAt = base.indexOf('@')
  const baseHost = base.slice(baseAt + 1).toLowerCase()
  if (baseAt >= 0) return inside(name.slice(0, at) === base.slice(0, baseAt) && host === baseHost)
  return inside(baseHost === '' || (baseHost.startsWith('.') ? host.endsWith(baseHost) : host === baseHost))
}

/** Constraints are about the host; a URI without one, or with an address, cannot be judged. */
function uriRelation(name: string, base: string): Relation {
  const [, host = ''] = /^[a-z][a-z0-9+.-]*:\/\/(?:[^@/?#]*@)?([^:/?#[\]]+)(?:[:/?#]|$)/i.exec(name) ?? []
  const lower = host.toLowerCase()
  if (!isHostName(lower) || /^[\d.]+$/.test(lower)) return 'overlapping'
  return inside(base === '' || (base.startsWith('.') ? lower.endsWith(base) : lower === base))
}

function ipRelation(octets: Buffer, base: Buffer): Relation {
  if (octets.length !== 4 && octets.length !== 16) return 'overlapping'
  return inside(isInNetwork(octets, base))
}

function directoryRelation(name: DistinguishedName, base: DistinguishedName): Relation {
  return inside(base.rdnKeys.every((key, level) => name.rdnKeys[level] === key))
}

function inside(is: boolean): Relation {
  return is ? 'inside' : 'outside'
}
