// Whatever proxies, rules and scripts say: an answer or an error of ours, and nothing lost.

import { Duplex } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InetAddress, IOError, Proxy, ProxyAddress } from '@wpe-networking/glib-gio'
import { parseSettingsValue } from '../../src/proxy/gsettings.ts'
import { IgnoreHosts } from '../../src/proxy/ignore-hosts.ts'
import { parsePacResult } from '../../src/proxy/pac/pac-result.ts'

/** A stream that says `chunks`, one a turn, and then ends. */
function saying(chunks: readonly Uint8Array[]): Duplex {
  const rest = [...chunks]
  return new Duplex({
    read() {
      setImmediate(() => this.push(rest.shift() ?? null))
    },
    write(_chunk, _encoding, done) {
      done()
    },
  })
}

function addressOf(protocol: string): ProxyAddress {
  return new ProxyAddress({
    address: InetAddress.loopback(2),
    port: 1,
    protocol,
    destinationHostname: 'h.test',
    destinationPort: 443,
    username: 'user',
    password: 'password',
  })
}

async function negotiate(protocol: string, chunks: readonly Uint8Array[]): Promise<string> {
  const stream = saying(chunks)
  const proxy = Proxy.getDefaultForProtocol(protocol)
  try {
    await proxy?.connect(stream, addressOf(protocol))
    let rest = ''
    for await (const chunk of stream as AsyncIterable<Buffer>) rest += chunk.toString('latin1')
    return rest
  } catch (error) {
    if (error instanceof IOError) return error.code
    throw error
  } finally {
    stream.destroy()
  }
}

/** `bytes` in pieces. */
function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b)
  return [...ends, bytes.length]
    .map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
    .filter((piece) => piece.length > 0)
}

const protocols = fc.constantFrom('http', 'socks4', 'socks4a', 'socks5')
const GOOD = {
  http: Buffer.from('HTTP/1.1 200 OK\r\nA: b\r\n\r\n'),
  socks4: Buffer.of(0, 90, 0, 0, 0, 0, 0, 0),
  socks4a: Buffer.of(0, 90, 0, 0, 0, 0, 0, 0),
  socks5: Buffer.of(5, 2, 1, 0, 5, 0, 0, 3, 1, 65, 0, 0),
}

describe('negotiating with a proxy', () => {
  it('gives every byte after the answer to the destination, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(protocols, fc.uint8Array(), fc.array(fc.nat()), async (protocol, after, cuts) => {
        const bytes = Buffer.concat([GOOD[protocol], after])
        expect(await negotiate(protocol, pieces(bytes, cuts))).toBe(Buffer.from(after).toString('latin1'))
      }),
    )
  })

  it('ends with an error of ours when the answer is cut short', async () => {
    await fc.assert(
      fc.asyncProperty(protocols, fc.nat(), async (protocol, cut) => {
        const good = GOOD[protocol]
        expect(
          await negotiate(
            protocol,
            [good.subarray(0, cut % good.length)].filter((piece) => piece.length > 0),
          ),
        ).toBe('PROXY_FAILED')
      }),
    )
  })

  it('ends, whatever the proxy says', async () => {
    await fc.assert(
      fc.asyncProperty(protocols, fc.array(fc.uint8Array({ minLength: 1 })), async (protocol, chunks) => {
        expect(await negotiate(protocol, chunks)).toBeTypeOf('string')
      }),
    )
  })
})

describe('what is read from elsewhere', () => {
  const part = fc.constantFrom(
    'a',
    'b.test',
    '*',
    '.',
    ':',
    '/',
    '[',
    ']',
    '::1',
    '10.0.0.0',
    '8',
    '99999',
    ' ',
    'ü',
    '-',
  )
  const text = fc.oneof(
    fc.string(),
    fc.array(part).map((parts) => parts.join('')),
  )

  it('rules for hosts never throw, and a name always matches itself and what is below it', () => {
    fc.assert(
      fc.property(text, fc.domain(), (rule, name) => {
        new IgnoreHosts([rule]).matches({ scheme: 'http', host: 'b.test', port: 80 })
        const host = name.toLowerCase()
        const own = new IgnoreHosts([rule, name])
        expect(own.matches({ scheme: 'http', host, port: 80 })).toBe(true)
        expect(own.matches({ scheme: 'http', host: `below.${host}`, port: 81 })).toBe(true)
      }),
    )
  })

  it('answers of scripts are proxies or an error of ours', () => {
    const word = fc.constantFrom('PROXY', 'SOCKS', 'DIRECT', 'HTTPS', ';', ' ', 'h:1', '[::1]:2', '@', '/')
    fc.assert(
      fc.property(
        fc.oneof(
          text,
          fc.array(word).map((words) => words.join(' ')),
          fc.anything(),
        ),
        (answer) => {
          try {
            for (const proxy of parsePacResult(answer))
              expect(proxy).toMatch(/^(?:direct:\/\/$|(?:https?|socks(?:4a?|5)):\/\/.)/)
          } catch (error) {
            expect(error).toMatchObject({ domain: 'g-io-error-quark', code: 'PROXY_FAILED' })
          }
        },
      ),
    )
  })

  it('values of settings come back as they were written', () => {
    const written = (value: string): string =>
      `'${value.replace(/[\\']/g, String.raw`\$&`).replaceAll('\n', String.raw`\n`)}'`
    const value = fc.string().filter((each) => !/[\r\u2028\u2029]/.test(each))
    fc.assert(fc.property(value, (each) => void expect(parseSettingsValue(written(each))).toBe(each)))
    fc.assert(
      fc.property(
        fc.array(value),
        (each) => void expect(parseSettingsValue(`[${each.map(written).join(', ')}]`)).toEqual(each),
      ),
    )
    fc.assert(fc.property(text, (each) => void parseSettingsValue(each)))
  })
})
