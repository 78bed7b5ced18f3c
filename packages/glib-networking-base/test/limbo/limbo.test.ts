// The x509-limbo suite with the signatures checked by node:crypto, as TlsDatabase.verifyChain has it.
import { describe } from 'vitest'
import { nodeSignatureVerifier, verifyChain } from '../../src/index.ts'
import { describeLimbo } from './describe-limbo.ts'

describe('x509-limbo', () =>
  describeLimbo((certificates, options) => verifyChain(certificates, options, nodeSignatureVerifier)))
