// Runs a Node handler behind Lambda's Runtime API, as AWS's own client does, with nothing installed.

import { existsSync } from 'node:fs'
import http from 'node:http'
import Module from 'node:module'
import { dirname, join, resolve as resolvePath } from 'node:path'
import { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { pathToFileURL } from 'node:url'
import { format } from 'node:util'

const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':')
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
let requestId = 'undefined'

function call(method, path, body, own = {}) {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? own : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const request = http.request({ hostname, port, agent, method, headers, path: `/2018-06-01/runtime${path}` }, (response) => {
      const chunks = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() }))
      response.on('error', reject)
    })
    request.on('error', reject)
    request.end(body)
  })
}

// A carriage return keeps an entry of several lines one line of the log.
const write = (level, ...words) =>
  process.stdout.write(`${new Date().toISOString()}\t${requestId}\t${level}\t${format(...words)}`.replaceAll('\n', '\r') + '\n')
for (const [name, level] of Object.entries({ log: 'INFO', info: 'INFO', debug: 'DEBUG', trace: 'TRACE', warn: 'WARN', error: 'ERROR' })) {
  console[name] = (...words) => write(level, ...words)
}

function failure(error, kind) {
  const told = error instanceof Error ? error : Object.assign(new Error(String(error)), { name: typeof error, stack: '' })
  const body = { errorType: kind ?? told.name, errorMessage: told.message, trace: (told.stack ?? '').split('\n').filter(Boolean) }
  write('ERROR', `${kind ? 'Uncaught Exception' : 'Invoke Error'} \t${JSON.stringify({ ...body, stack: body.trace, trace: undefined })}`)
  return JSON.stringify(body)
}

// What a handler streams (AWS Lambda developer guide, "Response streaming for Lambda functions").
const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming')
class ResponseStream extends Writable {
  type = 'application/octet-stream'
  setContentType(type) {
    this.type = type
  }
  start() {
    return (this.request ??= this.post())
  }
  post() {
    const request = http.request({
      hostname,
      port,
      agent,
      method: 'POST',
      path: `/2018-06-01/runtime/invocation/${requestId}/response`,
      headers: {
        'content-type': this.type,
        'lambda-runtime-function-response-mode': 'streaming',
        'transfer-encoding': 'chunked',
        trailer: 'Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body',
      },
    })
    this.taken = new Promise((resolve, reject) => {
      request.on('error', reject)
      request.on('response', (response) => response.resume().on('end', resolve))
    })
    return request
  }
  _write(chunk, encoding, done) {
    this.start().write(chunk, encoding, done)
  }
  _final(done) {
    this.start().end()
    this.taken.then(() => done(), done)
  }
  fail(error) {
    const body = failure(error)
    if (!this.request) return call('POST', `/invocation/${requestId}/error`, body)
    this.request.addTrailers({
      'Lambda-Runtime-Function-Error-Type': JSON.parse(body).errorType,
      'Lambda-Runtime-Function-Error-Body': Buffer.from(body).toString('base64'),
    })
    this.request.end()
    return this.taken
  }
}
globalThis.awslambda = {
  streamifyResponse: (handler) => Object.assign(handler, { [STREAMING]: 'response' }),
  HttpResponseStream: {
    from(stream, prelude) {
      stream.setContentType('application/vnd.awslambda.http-integration-response')
      stream.write(JSON.stringify(prelude))
      stream.write(Buffer.alloc(8))
      return stream
    },
  },
}

class Fault extends Error {}
const fault = (name, message) => Object.assign(new Fault(message), { name })

// Times the modules that the handler requires, each with those that it requires itself, until it is stopped. Shorter
// ones count as a part of the module that requires them, and so do ES modules that are imported statically.
const SHORTEST = 100_000
const MOST = 100
const nanoseconds = () => Math.round((performance.timeOrigin + performance.now()) * 1e6)
function timeModules() {
  const times = []
  const load = Module._load
  Module._load = function (request, parent, ...others) {
    const began = nanoseconds()
    try {
      return load.call(this, request, parent, ...others)
    } finally {
      const took = nanoseconds() - began
      if (took >= SHORTEST) {
        const path = request.startsWith('.') && parent?.filename ? resolvePath(dirname(parent.filename), request) : request
        times.push([path.replace(`${process.env.LAMBDA_TASK_ROOT}/`, '').slice(0, 100), began, took])
      }
    }
  }
  return () => {
    Module._load = load
    return times.sort((one, other) => other[2] - one[2]).slice(0, MOST)
  }
}

async function findHandler() {
  const text = process.env._HANDLER
  const dot = text.lastIndexOf('.')
  if (dot < 1) throw fault('Runtime.MalformedHandlerName', `Bad handler '${text}'`)
  const [path, name] = [join(process.env.LAMBDA_TASK_ROOT, text.slice(0, dot)), text.slice(dot + 1)]
  const file = ['.js', '.mjs', '.cjs'].map((ending) => path + ending).find(existsSync)
  if (!file) throw fault('Runtime.ImportModuleError', `Error: Cannot find module '${text.slice(0, dot)}'`)
  let module
  try {
    module = await import(pathToFileURL(file))
  } catch (error) {
    if (error instanceof SyntaxError) error.name = 'Runtime.UserCodeSyntaxError'
    else if (['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'].includes(error?.code)) error.name = 'Runtime.ImportModuleError'
    throw error
  }
  const handler = module[name] ?? module.default?.[name]
  if (handler === undefined) throw fault('Runtime.HandlerNotFound', `${text} is undefined or not exported`)
  if (typeof handler !== 'function') throw fault('Runtime.HandlerNotFound', `${text} is not a function`)
  return handler
}

function invoke(handler, event, headers, stream) {
  const context = {
    awsRequestId: requestId,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(Number(headers['lambda-runtime-deadline-ms']) - Date.now(), 0),
  }
  return new Promise((resolve, reject) => {
    const callback = (error, result) => (error ? reject(error) : resolve(result))
    Object.assign(context, { done: callback, fail: reject, succeed: resolve })
    // What a handler returns counts only where it is a promise; else its callback does, or nothing is left to do.
    nothingLeft = () => resolve(null)
    const result = stream ? handler(event, stream, context) : handler(event, context, callback)
    if (typeof result?.then === 'function') result.then(resolve, reject)
  })
}

let nothingLeft
process.on('beforeExit', () => nothingLeft?.())

for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (error) => {
    failure(error, event === 'unhandledRejection' ? 'Runtime.UnhandledPromiseRejection' : error?.name)
    process.exit(129)
  })
}
async function main() {
  let handler
  // Datadog's library has a timer of its own.
  const timed = process.env.DD_LAMBDA_HANDLER === undefined ? timeModules() : undefined
  const began = nanoseconds()
  try {
    handler = await findHandler()
  } catch (error) {
    await call('POST', '/init/error', failure(error, error?.name ?? 'Error'))
    process.exit(1)
  }
  let loaded = {}
  if (timed) {
    const load = JSON.stringify({ began, took: nanoseconds() - began, modules: timed() })
    loaded = { 'loadgen-load': load.replace(/[^ -~]/g, '?') }
  }
  for (;;) {
    const next = await call('GET', '/invocation/next', undefined, loaded)
    loaded = {}
    requestId = next.headers['lambda-runtime-aws-request-id']
    process.env._X_AMZN_TRACE_ID = next.headers['lambda-runtime-trace-id'] ?? ''
    if (handler[STREAMING]) {
      const stream = new ResponseStream()
      const ended = finished(stream)
      try {
        await invoke(handler, JSON.parse(next.body), next.headers, stream)
        await ended
      } catch (error) {
        ended.catch(() => {})
        await stream.fail(error)
      }
      continue
    }
    let outcome = 'response'
    let body
    try {
      body = JSON.stringify((await invoke(handler, JSON.parse(next.body), next.headers)) ?? null)
    } catch (error) {
      outcome = 'error'
      body = failure(error)
    }
    await call('POST', `/invocation/${requestId}/${outcome}`, body ?? 'null')
  }
}

main()
