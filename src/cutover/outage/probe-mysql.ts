import type { Socket } from 'node:net'
import type { Sample } from './probe-try.ts'

type Answer = Pick<Sample, 'answer' | 'says'>

/** Summarises samples per API. Keeps no samples, so half an hour of them takes no memory. */
const capabilities = 0x0001 | 0x0200 | 0x8000
const utf8 = 33
const nobody = 'swapctl_probe'

/** HandshakeResponse41 for an account that does not exist, without a password. */
export const login = (): Buffer => {
  const body = Buffer.alloc(32 + nobody.length + 2)
  body.writeUInt32LE(capabilities, 0)
  body.writeUInt32LE(1 << 24, 4)
  body.writeUInt8(utf8, 8)
  body.write(nobody, 32, 'latin1')
  const head = Buffer.alloc(4)
  head.writeUIntLE(body.length, 0, 3)
  head.writeUInt8(1, 3)
  return Buffer.concat([head, body])
}

/** The payload of the first packet, once it is complete. */
const packet = (bytes: Buffer): Buffer | undefined => {
  if (bytes.length < 4) return undefined
  const length = bytes.readUIntLE(0, 3)
  return bytes.length < 4 + length ? undefined : bytes.subarray(4, 4 + length)
}

const isError = (payload: Buffer): boolean => payload[0] === 0xff && payload.length >= 3

/** "Too many connections" and "server shutdown in progress": new clients are not served. */
const notServing: readonly number[] = [1040, 1053]

/** What a server's error means: one that refuses a login is up. */
export const judgeError = (payload: Buffer): Answer => {
  const code = payload.readUInt16LE(1)
  return { answer: notServing.includes(code) ? 'bad' : 'good', says: `error ${code}` }
}

/**
 * Waits for the server's greeting, logs in with an unknown account, and is refused. `end` is called once, unless the
 * socket ends first.
 */
export const greet = (socket: Socket, end: (answer: Answer) => void): void => {
  let bytes = Buffer.alloc(0)
  let greeted = false
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk])
    const payload = packet(bytes)
    if (payload === undefined) return
    bytes = bytes.subarray(4 + payload.length)
    if (greeted) end(isError(payload) ? judgeError(payload) : { answer: 'good', says: 'answered' })
    else if (isError(payload)) end(judgeError(payload))
    else {
      greeted = true
      socket.write(login())
    }
  })
}
