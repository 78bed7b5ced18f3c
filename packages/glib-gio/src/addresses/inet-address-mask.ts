// A range of IP addresses: those that begin with the same bits. Upstream: glib/gio/ginetaddressmask.c. RFC 4632.

import { InetAddress } from './inet-address.ts'
import { IOError } from '../io-error.ts'

/** Immutable. */
export class InetAddressMask {
  /** The first address of the range. */
  readonly address: InetAddress
  /** How many bits all addresses of the range have in common. */
  readonly length: number

  /** @throws {IOError} `INVALID_ARGUMENT` for a length that the family does not have, or bits set beyond it. */
  constructor(address: InetAddress, length: number) {
    const bytes = address.bytes
    if (!Number.isInteger(length) || length < 0 || length > bytes.length * 8) {
      throw new IOError('INVALID_ARGUMENT', `A mask of this family is from 0 to ${bytes.length * 8} bits long.`)
    }
    if (bytes.some((byte, index) => (byte & ~maskByte(length, index)) !== 0)) {
      throw new IOError('INVALID_ARGUMENT', 'The address has bits set beyond the length of the mask.')
    }
    this.address = address
    this.length = length
  }

  /**
   * Reads '10.0.0.0/8', 'fe80::/10', or a single address.
   *
   * @throws {IOError} `INVALID_ARGUMENT` for anything else.
   */
  static fromString(text: string): InetAddressMask {
    const [addressText = '', lengthText, ...rest] = text.split('/')
    const address = addressText.includes('%') ? null : InetAddress.fromString(addressText)
    const isNumber = lengthText === undefined || /^[0-9]{1,3}$/.test(lengthText)
    if (!address || !isNumber || rest.length > 0) {
      throw new IOError('INVALID_ARGUMENT', 'This is not an IP address with an optional mask length.')
    }
    return new InetAddressMask(address, lengthText === undefined ? address.bytes.length * 8 : Number(lengthText))
  }

  get family(): InetAddress['family'] {
    return this.address.family
  }

  /** Whether `address` is in the range. An IPv4 address that is mapped into IPv6 is an IPv6 address. */
  matches(address: InetAddress): boolean {
    if (address.family !== this.family) return false
    const own = this.address.bytes
    return address.bytes.every((byte, index) => (byte & maskByte(this.length, index)) === own[index])
  }

  equal(other: InetAddressMask): boolean {
    return this.length === other.length && this.address.equal(other.address)
  }

  /** '10.0.0.0/8'; without a length when it is a single address. */
  toString(): string {
    const isSingle = this.length === this.address.bytes.length * 8
    return isSingle ? this.address.toString() : `${this.address.toString()}/${this.length}`
  }
}

/** The byte at `index` of a mask of `length` bits. */
function maskByte(length: number, index: number): number {
  const bits = Math.min(Math.max(length - index * 8, 0), 8)
  return (0xff << (8 - bits)) & 0xff
}
