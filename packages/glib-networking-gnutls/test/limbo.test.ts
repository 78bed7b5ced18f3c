// The x509-limbo suite through this backend.
import { describe } from 'vitest'
import { describeLimbo } from '../../glib-networking-base/test/limbo/describe-limbo.ts'
import { load } from '../src/index.ts'

describe('x509-limbo', () => describeLimbo((certificates, options) => load().verifyChain(certificates, options)))
