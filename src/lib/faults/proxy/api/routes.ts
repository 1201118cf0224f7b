/** The routes of the Toxiproxy API, and one of our own: `GET /connections`. */
import type {Directory} from '../directory.js'
import type {Proxy} from '../proxy.js'
import {readProxies, readProxy, readSetting, readToxic, readToxicChange} from './decode.js'
import {ApiError} from './errors.js'

/** The version of the API that is spoken, with Go's space and line end. */
const VERSION = '{"version": "2.12.0"}\n'

export interface Call {
  readonly directory: Directory
  readonly body: string
  /** The name of the proxy and of the toxic in the path; empty where the route has none. */
  readonly proxy: string
  readonly toxic: string
}

export interface Answer {
  readonly status: number
  readonly json?: unknown
  /** Instead of `json`, as it stands. */
  readonly text?: string
}

type Handler = (call: Call) => Answer | Promise<Answer>

/** `{proxy}` and `{toxic}` stand for one segment each. */
export const ROUTES: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  '/proxies': {
    GET: ({directory}) => ok(Object.fromEntries(directory.list().map(({name, state}) => [name, state]))),
    POST: async ({directory, body}) => ({status: 201, json: (await directory.create(readProxy(body))).state}),
  },
  '/populate': {POST: populate},
  '/proxies/{proxy}': {
    GET: ({directory, proxy}) => ok(directory.find(proxy).state),
    PATCH: changeProxy,
    POST: changeProxy,
    DELETE: ({directory, proxy}) => done(directory.remove(proxy)),
  },
  '/proxies/{proxy}/toxics': {
    GET: ({directory, proxy}) => ok(directory.find(proxy).toxics),
    POST: addToxic,
  },
  '/proxies/{proxy}/toxics/{toxic}': {
    GET: ({directory, proxy, toxic}) => ok(directory.findToxic(proxy, toxic)),
    PATCH: changeToxic,
    POST: changeToxic,
    DELETE: ({directory, proxy, toxic}) => done(directory.removeToxic(proxy, toxic)),
  },
  '/reset': {POST: ({directory}) => done(directory.reset())},
  '/version': {GET: () => ({status: 200, text: VERSION})},
  '/connections': {GET: async ({directory}) => ok(await directory.connections())},
}

async function changeProxy({directory, proxy, body}: Call): Promise<Answer> {
  const found = directory.find(proxy)
  await found.change(readSetting(body, found.state))
  return ok(found.state)
}

async function addToxic({directory, proxy, body}: Call): Promise<Answer> {
  directory.find(proxy)
  const toxic = readToxic(body, (name) => directory.checkToxicName(proxy, name))
  return ok(await directory.addToxic(proxy, toxic))
}

async function changeToxic({directory, proxy, toxic, body}: Call): Promise<Answer> {
  const {attributes, toxicity} = readToxicChange(body, directory.findToxic(proxy, toxic).type)
  return ok(await directory.updateToxic(proxy, toxic, attributes, toxicity))
}

/** Stops at the first failure, and then tells what is there all the same. */
async function populate({directory, body}: Call): Promise<Answer> {
  const placed: Proxy[] = []
  const proxies = () => (placed.length === 0 ? null : placed.map(({state}) => state))
  try {
    for (const setting of readProxies(body)) placed.push(await directory.place(setting))
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return {status: error.status, json: {error: error.message, status: error.status, proxies: proxies()}}
  }
  return {status: 201, json: {proxies: proxies()}}
}

function ok(json: unknown): Answer {
  return {status: 200, json}
}

async function done(work: Promise<void>): Promise<Answer> {
  await work
  return {status: 204}
}
