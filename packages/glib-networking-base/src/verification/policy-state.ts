// Certificate policies along a path: whether one is left where one is required. Nobody asks TLS for a certain policy, so
// the set of policies still valid says all that the tree of the RFC would. Called by path-checks.ts.
// RFC 5280 sections 6.1.2 to 6.1.5.

import type { DecodedCertificate } from './decoded-certificate.ts'
import { ANY_POLICY } from './object-identifiers.ts'

/** Most policies followed; real certificates have fewer than ten. */
const MAX_POLICIES = 256

/** Walks from the certificate below the anchor down to the leaf. */
export class PolicyState {
  /** Null stands for any policy. */
  #valid: ReadonlySet<string> | null = null
  /** Certificates still to come before the rule holds. */
  #explicitPolicy: number
  #inhibitAnyPolicy: number
  #inhibitMapping: number

  /** @param length Certificates in the path, without the anchor. */
  constructor(length: number) {
    this.#explicitPolicy = length + 1
    this.#inhibitAnyPolicy = length + 1
    this.#inhibitMapping = length + 1
  }

  /** Whether the path is still acceptable after `certificate`, an intermediate or, as `isLeaf`, the last one. */
  accept(certificate: DecodedCertificate, isLeaf: boolean): boolean {
    this.#applyPolicies(certificate, isLeaf)
    if (isLeaf) this.#applyLeafConstraints(certificate)
    if (this.#explicitPolicy === 0 && this.#valid?.size === 0) return false
    return isLeaf || this.#prepareForNext(certificate)
  }

  #applyPolicies(certificate: DecodedCertificate, isLeaf: boolean): void {
    const stated = certificate.extensions.certificatePolicies?.slice(0, MAX_POLICIES) ?? []
    const anyCounts = this.#inhibitAnyPolicy > 0 || (!isLeaf && certificate.isSelfIssued)
    if (anyCounts && stated.includes(ANY_POLICY)) return
    const named = stated.filter((policy) => policy !== ANY_POLICY)
    const before = this.#valid
    this.#valid = new Set(before === null ? named : named.filter((policy) => before.has(policy)))
  }

  #applyLeafConstraints({ extensions }: DecodedCertificate): void {
    if (this.#explicitPolicy > 0) this.#explicitPolicy--
    if (extensions.policyConstraints?.requireExplicitPolicy === 0) this.#explicitPolicy = 0
  }

  /** False for a mapping from or to any policy, which there is not. */
  #prepareForNext(certificate: DecodedCertificate): boolean {
    const { inhibitAnyPolicy, policyConstraints } = certificate.extensions
    if (!this.#applyMappings(certificate)) return false
    if (!certificate.isSelfIssued) {
      this.#explicitPolicy = Math.max(0, this.#explicitPolicy - 1)
      this.#inhibitMapping = Math.max(0, this.#inhibitMapping - 1)
      this.#inhibitAnyPolicy = Math.max(0, this.#inhibitAnyPolicy - 1)
    }
    this.#explicitPolicy = Math.min(this.#explicitPolicy, policyConstraints?.requireExplicitPolicy ?? Infinity)
    this.#inhibitMapping = Math.min(this.#inhibitMapping, policyConstraints?.inhibitPolicyMapping ?? Infinity)
    this.#inhibitAnyPolicy = Math.min(this.#inhibitAnyPolicy, inhibitAnyPolicy ?? Infinity)
    return true
  }

  #applyMappings({ extensions }: DecodedCertificate): boolean {
    const mappings = extensions.policyMappings?.slice(0, MAX_POLICIES) ?? []
    if (mappings.some((pair) => pair.issuerPolicy === ANY_POLICY || pair.subjectPolicy === ANY_POLICY)) return false
    if (this.#valid === null) return true
    const mapped = new Set(this.#valid)
    for (const { issuerPolicy } of mappings) mapped.delete(issuerPolicy)
    if (this.#inhibitMapping > 0) {
      for (const { issuerPolicy, subjectPolicy } of mappings) {
        if (this.#valid.has(issuerPolicy)) mapped.add(subjectPolicy)
      }
    }
    this.#valid = mapped
    return true
  }
}
