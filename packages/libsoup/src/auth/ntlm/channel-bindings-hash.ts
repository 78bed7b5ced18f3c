// How NTLM names the TLS connection it runs over: the MD5 of what GSS-API would be given. Used by the response.
// MS-NLMP section 2.2.2.1 (MsvAvChannelBindings); RFC 2744 section 3.11.

import { createHash } from 'node:crypto'

/** No address of either side: type and length of the initiator's, then of the acceptor's. */
const NO_ADDRESSES = Buffer.alloc(16)

/** The 16 bytes of MsvAvChannelBindings. */
export function channelBindingsHash(applicationData: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(applicationData.length)
  return createHash('md5').update(NO_ADDRESSES).update(length).update(applicationData).digest()
}
