// The keys of test certificates, strong ones and ones too weak on purpose.

import { webcrypto } from 'node:crypto'

export type KeyType = 'ecdsa-p256' | 'rsa-2048' | 'rsa-1024' | 'rsa-512'

const MODULUS_BITS = { 'rsa-2048': 2048, 'rsa-1024': 1024, 'rsa-512': 512 } as const

export async function generateKeys(keyType: KeyType): Promise<webcrypto.CryptoKeyPair> {
  if (keyType === 'ecdsa-p256') {
    return await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  }
  return await webcrypto.subtle.generateKey(
    {
      name: 'RSASSA-PKCS1-v1_5',
      hash: 'SHA-256',
      publicExponent: new Uint8Array([1, 0, 1]),
      modulusLength: MODULUS_BITS[keyType],
    },
    true,
    ['sign', 'verify'],
  )
}

/** The private key of `keys` in PEM (PKCS#8). */
export async function exportKey(keys: webcrypto.CryptoKeyPair): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey))
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`
}
