// Finding a path from the leaf to an anchor, with what the peer sent and what the database holds. RFC 4158, RFC 5280 section 6.
import { CertificateAuthority } from '@wpe-networking/test-support'
import { TlsCertificateFlags } from '@wpe-networking/glib-networking-base'
import { type ChainCase, FUTURE, PAST, withIssuers } from './chain-case.ts'

const { EXPIRED, NOT_ACTIVATED, UNKNOWN_CA } = TlsCertificateFlags

/** A leaf three intermediates below the root, and the intermediates from the lowest up. */
async function deepChain(root: CertificateAuthority): Promise<{
  readonly issued: Awaited<ReturnType<CertificateAuthority['issue']>>
  readonly issuers: readonly [string, string, string]
}> {
  const upper = await root.createIntermediate({ commonName: 'Upper' })
  const middle = await upper.createIntermediate({ commonName: 'Middle' })
  const lower = await middle.createIntermediate({ commonName: 'Lower' })
  const issuers = [lower.certificatePem, middle.certificatePem, upper.certificatePem] as const
  return { issued: await lower.issue(), issuers }
}

export const buildingCases: readonly ChainCase[] = [
  {
    name: 'a leaf signed by the root',
    flags: 0,
    make: async ({ trust }) => ({ issued: await trust.authority.issue() }),
  },
  {
    name: 'three intermediates in order',
    flags: 0,
    make: async ({ trust }) => ({ issued: (await deepChain(trust.authority)).issued }),
  },
  {
    name: 'three intermediates out of order',
    flags: 0,
    make: async ({ trust }) => {
      const { issued, issuers } = await deepChain(trust.authority)
      return { issued: withIssuers(issued, issuers[2], issuers[0], issuers[1]) }
    },
  },
  {
    name: 'the only intermediate missing',
    flags: UNKNOWN_CA,
    make: async ({ trust }) => ({ issued: await trust.authority.issueRole('missing-intermediate') }),
  },
  {
    name: 'the middle one of three intermediates missing',
    flags: UNKNOWN_CA,
    make: async ({ trust }) => {
      const { issued, issuers } = await deepChain(trust.authority)
      return { issued: withIssuers(issued, issuers[0], issuers[2]) }
    },
  },
  {
    name: 'an intermediate that only the database holds',
    flags: 0,
    make: async ({ trust }) => {
      const intermediate = await trust.authority.createIntermediate()
      return { issued: withIssuers(await intermediate.issue()), anchors: [intermediate.certificatePem] }
    },
  },
  {
    name: 'certificates that do not belong to the chain',
    flags: 0,
    make: async ({ trust }) => {
      const [intermediate, stranger] = [await trust.authority.createIntermediate(), await CertificateAuthority.create()]
      const issued = await intermediate.issue()
      return { issued: withIssuers(issued, stranger.certificatePem, intermediate.certificatePem) }
    },
  },
  {
    name: 'the root sent along',
    flags: 0,
    make: async ({ trust: { authority } }) => ({
      issued: withIssuers(await authority.issue(), authority.certificatePem),
    }),
  },
  ...[false, true].map((trustedFirst): ChainCase => ({
    name: `an intermediate cross-signed by a known and an unknown root, the known one ${trustedFirst ? 'first' : 'last'}`,
    flags: 0,
    make: async ({ trust }) => {
      const stranger = await CertificateAuthority.create({ commonName: 'Unknown Root' })
      const known = await trust.authority.createIntermediate()
      const paths = [known.certificatePem, await stranger.certify(known)]
      const issued = await known.issue()
      return { issued: withIssuers(issued, ...(trustedFirst ? paths : paths.toReversed())) }
    },
  })),
  {
    name: 'an intermediate cross-signed by two unknown roots',
    flags: UNKNOWN_CA,
    make: async () => {
      const [one, other] = [
        await CertificateAuthority.create({ commonName: 'Unknown Root' }),
        await CertificateAuthority.create({ commonName: 'Unknown Root Too' }),
      ]
      const intermediate = await one.createIntermediate()
      return {
        issued: withIssuers(await intermediate.issue(), intermediate.certificatePem, await other.certify(intermediate)),
      }
    },
  },
  {
    name: 'a new root that an old known one cross-signed',
    flags: 0,
    make: async ({ trust }) => {
      const young = await CertificateAuthority.create({ commonName: 'New Root' })
      return { issued: withIssuers(await young.issue(), await trust.authority.certify(young)) }
    },
  },
  {
    name: 'an expired cross-signed certificate beside a valid one',
    flags: 0,
    make: async ({ trust }) => {
      const intermediate = await trust.authority.createIntermediate()
      const expired = await trust.authority.certify(intermediate, PAST)
      return { issued: withIssuers(await intermediate.issue(), expired, intermediate.certificatePem) }
    },
  },
  ...[false, true].map((expiredFirst): ChainCase => ({
    name: `an expired root beside a valid one of the same name and key, ${expiredFirst ? 'before' : 'after'} it in the database`,
    flags: 0,
    make: async () => {
      const root = await CertificateAuthority.create()
      const anchors = [root.certificatePem, await root.certify(root, PAST)]
      return { issued: await root.issue(), anchors: expiredFirst ? anchors.toReversed() : anchors }
    },
  })),
  {
    name: 'an expired root sent along that is valid in the database',
    flags: 0,
    make: async ({ trust: { authority } }) => ({
      issued: withIssuers(await authority.issue(), await authority.certify(authority, PAST)),
    }),
  },
  {
    name: 'an expired root alone',
    flags: EXPIRED,
    make: async () => {
      const root = await CertificateAuthority.create(PAST)
      return { issued: await root.issue(), anchors: [root.certificatePem] }
    },
  },
  {
    name: 'two roots of the same name with different keys',
    flags: 0,
    make: async ({ trust }) => {
      const namesake = await CertificateAuthority.create()
      return { issued: await namesake.issue(), anchors: [trust.authority.certificatePem, namesake.certificatePem] }
    },
  },
  {
    name: 'an unknown root with the name of a known one',
    flags: UNKNOWN_CA,
    make: async () => ({ issued: await (await CertificateAuthority.create()).issue() }),
  },
  {
    name: 'an unknown root',
    flags: UNKNOWN_CA,
    make: async ({ trust }) => ({ issued: await trust.authority.issueRole('unknown-ca') }),
  },
  {
    name: 'a self-signed leaf',
    flags: UNKNOWN_CA,
    make: async ({ trust }) => ({ issued: await trust.authority.issueRole('self-signed') }),
  },
  {
    name: 'a self-signed leaf that is an anchor itself',
    flags: 0,
    make: async () => {
      const issued = await CertificateAuthority.selfSigned()
      return { issued, anchors: [issued.certificatePem] }
    },
  },
  {
    name: 'an expired self-signed leaf that is an anchor itself',
    flags: EXPIRED,
    make: async () => {
      const issued = await CertificateAuthority.selfSigned(PAST)
      return { issued, anchors: [issued.certificatePem] }
    },
  },
  {
    name: 'an empty database',
    flags: UNKNOWN_CA,
    make: async ({ trust }) => ({ issued: await trust.authority.issue(), anchors: [] }),
  },
  {
    name: 'an expired leaf',
    flags: EXPIRED,
    make: async ({ trust }) => ({ issued: await trust.authority.issue(PAST) }),
  },
  {
    name: 'a leaf that is not yet valid',
    flags: NOT_ACTIVATED,
    make: async ({ trust }) => ({ issued: await trust.authority.issue(FUTURE) }),
  },
  {
    name: 'an expired intermediate',
    flags: EXPIRED,
    make: async ({ trust }) => ({ issued: await (await trust.authority.createIntermediate(PAST)).issue() }),
  },
  {
    name: 'an intermediate that is not yet valid',
    flags: NOT_ACTIVATED,
    make: async ({ trust }) => ({ issued: await (await trust.authority.createIntermediate(FUTURE)).issue() }),
  },
  {
    name: 'an expired leaf of an unknown root',
    flags: EXPIRED | UNKNOWN_CA,
    make: async () => ({ issued: await (await CertificateAuthority.create()).issue(PAST) }),
  },
]
