// The ASN.1 of password-based algorithms' parameters, which the library of schemas does not have.
// RFC 8018 appendix A, RFC 7914 section 7, RFC 2315 section 13, RFC 7292 appendix C.

import { EncryptedContentInfo } from '@peculiar/asn1-cms'
import { AsnConstructedOctetStringConverter, AsnProp, AsnPropTypes, OctetString } from '@peculiar/asn1-schema'
import { AlgorithmIdentifier } from '@peculiar/asn1-x509'

/** PBES2-params: how the key is derived, and the cipher. */
export class Pbes2Parameters {
  keyDerivation = new AlgorithmIdentifier()
  cipher = new AlgorithmIdentifier()
}
AsnProp({ type: AlgorithmIdentifier })(Pbes2Parameters.prototype, 'keyDerivation')
AsnProp({ type: AlgorithmIdentifier })(Pbes2Parameters.prototype, 'cipher')

/** PBMAC1-params: how the key is derived, and the HMAC. */
export class Pbmac1Parameters {
  keyDerivation = new AlgorithmIdentifier()
  mac = new AlgorithmIdentifier()
}
AsnProp({ type: AlgorithmIdentifier })(Pbmac1Parameters.prototype, 'keyDerivation')
AsnProp({ type: AlgorithmIdentifier })(Pbmac1Parameters.prototype, 'mac')

/** PBKDF2-params. */
export class Pbkdf2Parameters {
  salt = new OctetString()
  iterations = 0
  keyLength: number | undefined = undefined
  /** Absent stands for HMAC with SHA-1. */
  prf: AlgorithmIdentifier | undefined = undefined
}
AsnProp({ type: OctetString })(Pbkdf2Parameters.prototype, 'salt')
AsnProp({ type: AsnPropTypes.Integer })(Pbkdf2Parameters.prototype, 'iterations')
AsnProp({ type: AsnPropTypes.Integer, optional: true })(Pbkdf2Parameters.prototype, 'keyLength')
AsnProp({ type: AlgorithmIdentifier, optional: true })(Pbkdf2Parameters.prototype, 'prf')

/** scrypt-params. */
export class ScryptParameters {
  salt = new OctetString()
  cost = 0
  blockSize = 0
  parallelization = 0
  keyLength: number | undefined = undefined
}
AsnProp({ type: OctetString })(ScryptParameters.prototype, 'salt')
AsnProp({ type: AsnPropTypes.Integer })(ScryptParameters.prototype, 'cost')
AsnProp({ type: AsnPropTypes.Integer })(ScryptParameters.prototype, 'blockSize')
AsnProp({ type: AsnPropTypes.Integer })(ScryptParameters.prototype, 'parallelization')
AsnProp({ type: AsnPropTypes.Integer, optional: true })(ScryptParameters.prototype, 'keyLength')

/** pkcs-12PbeParams. */
export class Pkcs12PbeParameters {
  salt = new OctetString()
  iterations = 0
}
AsnProp({ type: OctetString })(Pkcs12PbeParameters.prototype, 'salt')
AsnProp({ type: AsnPropTypes.Integer })(Pkcs12PbeParameters.prototype, 'iterations')

/** EncryptedData of PKCS#7. */
export class EncryptedData {
  version = 0
  content = new EncryptedContentInfo()
}
AsnProp({ type: AsnPropTypes.Integer })(EncryptedData.prototype, 'version')
AsnProp({ type: EncryptedContentInfo })(EncryptedData.prototype, 'content')

/** An OCTET STRING, which BER allows to be in pieces. */
export class BerOctets extends OctetString {
  override fromASN(asn: Parameters<typeof AsnConstructedOctetStringConverter.fromASN>[0]): this {
    this.buffer = AsnConstructedOctetStringConverter.fromASN(asn).buffer
    return this
  }
}
