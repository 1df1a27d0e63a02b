import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { greet } from './probe-mysql.ts'
import type { ProbedHttp, ProbeTarget } from './probe-target.ts'

/** One try of a target, each over a new connection. */
export interface Sample {
  readonly name: string
  /** milliseconds since 1970 when it began, by a clock that never goes back while the probe runs */
  readonly at: number
  /** result of the connect: established, refused, or no answer */
  readonly wire: 'open' | 'refused' | 'lost'
  /** milliseconds until that result, or until it was given up */
  readonly wireMs: number
  /** milliseconds of that by which this process was delayed; only for slow connects */
  readonly held?: number
  /** 'unasked': only the connection was tried, to spare the API */
  readonly answer: 'good' | 'bad' | 'unasked'
  /** milliseconds from the start of the try to the answer's first line */
  readonly ms: number
  /** '200', 'connected', 'ECONNREFUSED', 'no connection in 2 s', 'no answer in 5 s' */
  readonly says: string
}

/** Milliseconds: a lost SYN is sent again after 1 s, so a connect into a gap succeeds after 1.03 s. */
export const connectPatience = 2000
/** Milliseconds for the answer, from the start of the try. */
export const answerPatience = 5000

/** Milliseconds since 1970, fixed when the process starts; clock corrections do not move it. */
export const clock = (): number => performance.timeOrigin + performance.now()

const tenth = (ms: number): number => Math.round(ms * 10) / 10

/**
 * Acts after so many milliseconds, but only after pending input was handled: if this process was delayed, the answer
 * may already be there. Returns a function that cancels it.
 */
const after = (ms: number, act: () => void): (() => void) => {
  let soon: NodeJS.Immediate | undefined
  const timer = setTimeout(
    () => {
      soon = setImmediate(act)
    },
    Math.max(0, ms),
  )
  return () => {
    clearTimeout(timer)
    if (soon !== undefined) clearImmediate(soon)
  }
}

type Wire = Pick<Sample, 'wire' | 'wireMs' | 'says'> & { readonly socket: Socket }

const codeOf = (error: NodeJS.ErrnoException): string => error.code ?? error.message

const open = ({ address, port }: ProbeTarget, at: number): Promise<Wire> =>
  new Promise((resolve) => {
    const socket = connect({ host: address, port, noDelay: true })
    const end = (wire: Wire['wire'], says: string): void => {
      callOff()
      socket.removeAllListeners()
      // Later errors are reported by the socket's user.
      socket.on('error', () => {})
      if (wire !== 'open') socket.destroy()
      resolve({ wire, says, wireMs: tenth(clock() - at), socket })
    }
    const callOff = after(connectPatience, () => end('lost', `no connection in ${connectPatience / 1000} s`))
    socket.on('connect', () => end('open', 'connected'))
    socket.on('error', (error: NodeJS.ErrnoException) =>
      end(error.code === 'ECONNREFUSED' ? 'refused' : 'lost', codeOf(error)),
    )
  })

/**
 * TLS sessions by target: connections are new each time, but resume the session to skip the costly part of the
 * handshake.
 */
export type Sessions = Map<string, Buffer>

const secure = (target: ProbeTarget, http: ProbedHttp, plain: Socket, sessions: Sessions): Socket => {
  const session = sessions.get(target.name)
  const name = new URL(`https://${http.hostHeader}`).hostname
  const socket = connectTls({
    socket: plain,
    // Only availability is tested here; the clients verify the certificate.
    rejectUnauthorized: false,
    ...(/^[\d.]+$|^\[/.test(name) ? {} : { servername: name }),
    ...(session === undefined ? {} : { session }),
  })
  socket.on('session', (fresh: Buffer) => sessions.set(target.name, fresh))
  socket.on('error', () => sessions.delete(target.name))
  return socket
}

type Answer = Pick<Sample, 'answer' | 'says'>

/**
 * Without a token a refusal is a good answer; a server error is not. With a token the call must be authenticated; what
 * it may do is up to policy.
 */
const judge = (status: number, http: ProbedHttp): Answer => ({
  answer: status > 0 && status < 500 && (http.token === undefined || status !== 401) ? 'good' : 'bad',
  says: String(status),
})

/** Bytes after which an answer is not read further. */
const enough = 256 * 1024

const askHttp = (http: ProbedHttp, socket: Socket, at: number): Promise<Answer & { ms: number }> =>
  new Promise((resolve) => {
    const end = (answer: Answer): void => resolve({ ...answer, ms: tenth(clock() - at) })
    const close = (): void => {
      callOff()
      call.destroy()
      socket.destroy()
    }
    const call = request({
      createConnection: () => socket,
      path: http.path,
      headers: {
        host: http.hostHeader,
        connection: 'close',
        accept: 'application/json',
        ...(http.token === undefined ? {} : { 'x-auth-token': http.token }),
      },
    })
    const callOff = after(answerPatience - (clock() - at), () => {
      end({ answer: 'bad', says: `no answer in ${answerPatience / 1000} s` })
      close()
    })
    call.on('response', (response) => {
      end(judge(response.statusCode ?? 0, http))
      let read = 0
      // Read to the end: a server whose answer is cut off logs an error.
      response.on('data', (chunk: Buffer) => {
        read += chunk.length
        if (read > enough) close()
      })
      response.on('close', close)
    })
    call.on('error', (error: NodeJS.ErrnoException) => {
      end({ answer: 'bad', says: codeOf(error) })
      close()
    })
    call.end()
  })

const askMysql = (socket: Socket, at: number): Promise<Answer & { ms: number }> =>
  new Promise((resolve) => {
    const end = (answer: Answer): void => {
      callOff()
      socket.destroy()
      resolve({ ...answer, ms: tenth(clock() - at) })
    }
    const late: Answer = { answer: 'bad', says: `no answer in ${answerPatience / 1000} s` }
    const callOff = after(answerPatience - (clock() - at), () => end(late))
    socket.on('error', (error) => end({ answer: 'bad', says: codeOf(error) }))
    socket.on('close', () => end({ answer: 'bad', says: 'closed without an answer' }))
    greet(socket, end)
  })

/** Tries a target once. `ask`: also send a request, not only connect. Never rejects. */
export const tryTarget = async (target: ProbeTarget, ask: boolean, sessions: Sessions): Promise<Sample> => {
  const { name, http, mysql } = target
  const at = clock()
  const { socket, ...wire } = await open(target, at)
  if (wire.wire !== 'open') return { name, at, ...wire, answer: 'bad', ms: wire.wireMs }
  if (mysql === true) return { name, at, ...wire, ...(await askMysql(socket, at)) }
  if (http === undefined || !ask) {
    socket.destroy()
    return { name, at, ...wire, answer: http === undefined ? 'good' : 'unasked', ms: wire.wireMs }
  }
  const used = http.tls ? secure(target, http, socket, sessions) : socket
  return { name, at, ...wire, ...(await askHttp(http, used, at)) }
}
