/** EVAL and its cache: runs Lua scripts whose `redis.call` goes through the same engine as every other command. */
import {createHash} from 'node:crypto'
import {
  lauxlib,
  lua,
  lualib,
  pushList,
  pushText,
  pushValue,
  textAt,
  toBytes,
  valueOnTop,
  type LuaState,
} from './lua-state.js'
import {ReplyError, Status, type Value} from './value.js'

/** The libraries that Redis gives to scripts, by the name of their opener. */
const LIBRARIES = {_G: 'luaopen_base', table: 'luaopen_table', string: 'luaopen_string', math: 'luaopen_math'}

/**
 * Redis speaks Lua 5.1, where every number is a double, and forbids new globals. This machine is 5.3 with 32-bit integers:
 * what scripts take from texts, replies and roundings is made a double, so that epoch milliseconds do not wrap around.
 */
const PRELUDE = `
local redis_do, redis_sha1hex, floor, ceil, tonumber_ = redis_do, redis_sha1hex, math.floor, math.ceil, tonumber
local function double(number) return number and number + 0.0 end
unpack = table.unpack
loadstring = load
table.getn = function(list) return #list end
math.pow = function(base, exponent) return base ^ exponent end
math.floor = function(number) return double(floor(number)) end
math.ceil = function(number) return double(ceil(number)) end
tonumber = function(...) return double(tonumber_(...)) end
dofile, loadfile, print = nil, nil, nil
redis.status_reply = function(text) return {ok = text} end
redis.error_reply = function(text) return {err = text} end
redis.sha1hex = redis_sha1hex
redis.log = function() end
redis.LOG_DEBUG, redis.LOG_VERBOSE, redis.LOG_NOTICE, redis.LOG_WARNING = 0, 1, 2, 3
redis.replicate_commands = function() return true end
redis.pcall = redis_do
redis.call = function(...)
  local reply = redis_do(...)
  if type(reply) == 'table' and reply.err then error(reply, 0) end
  return reply
end
setmetatable(_G, {
  __newindex = function(_, name) error("Script attempted to create global variable '" .. tostring(name) .. "'", 2) end,
  __index = function(_, name)
    error("Script attempted to access nonexistent global variable '" .. tostring(name) .. "'", 2)
  end,
})
`

const NO_SCRIPT = 'NOSCRIPT No matching script. Please use EVAL.'

/** Runs one command for a script. @throws ReplyError */
export type ScriptCall = (words: readonly string[]) => Value

export class Scripts {
  readonly #state: LuaState = lauxlib.luaL_newstate()
  /** SHA1 of a script to its compiled function's place in the registry. */
  readonly #compiled = new Map<string, number>()

  constructor(call: ScriptCall) {
    const state = this.#state
    for (const [name, opener] of Object.entries(LIBRARIES)) {
      lauxlib.luaL_requiref(state, toBytes(name), lualib[opener], true)
      lua.lua_pop(state, 1)
    }
    this.#global('redis_do', () => pushValue(state, attempt(call, wordsOn(state))))
    this.#global('redis_sha1hex', () => pushText(state, sha1(textAt(state, 1))))
    for (const name of ['redis', 'KEYS', 'ARGV']) {
      lua.lua_newtable(state)
      lua.lua_setglobal(state, toBytes(name))
    }
    this.run(this.load(PRELUDE), [], [])
  }

  /** Compiles a script; answers its SHA1. @throws ReplyError when it is no Lua */
  load(script: string): string {
    const sha = sha1(script)
    if (this.#compiled.has(sha)) return sha
    const code = toBytes(script)
    if (lauxlib.luaL_loadbuffer(this.#state, code, code.length, toBytes('@user_script')) !== lua.LUA_OK) {
      throw new ReplyError(`ERR Error compiling script (new function): ${this.#popText()}`)
    }
    this.#compiled.set(sha, lauxlib.luaL_ref(this.#state, lua.LUA_REGISTRYINDEX))
    return sha
  }

  has(sha: string): boolean {
    return this.#compiled.has(sha.toLowerCase())
  }

  flush(): void {
    this.#compiled.clear()
  }

  /** Runs a loaded script. @throws ReplyError when it is not loaded, or fails */
  run(sha: string, keys: readonly string[], args: readonly string[]): Value {
    const place = this.#compiled.get(sha.toLowerCase())
    if (place === undefined) throw new ReplyError(NO_SCRIPT)
    const state = this.#state
    for (const [name, list] of Object.entries({KEYS: keys, ARGV: args})) {
      pushList(state, list)
      lua.lua_setglobal(state, toBytes(name))
    }
    lua.lua_rawgeti(state, lua.LUA_REGISTRYINDEX, place)
    const failed = lua.lua_pcall(state, 0, 1, 0) !== lua.LUA_OK
    const value = valueOnTop(state)
    lua.lua_pop(state, 1)
    if (failed) throw failure(value)
    return value
  }

  #global(name: string, run: () => void): void {
    lua.lua_pushjsfunction(this.#state, () => {
      run()
      return 1
    })
    lua.lua_setglobal(this.#state, toBytes(name))
  }

  #popText(): string {
    const text = textAt(this.#state, -1)
    lua.lua_pop(this.#state, 1)
    return text
  }
}

/** What the script threw: a reply of redis.call as it is, anything else as an error of the script. */
function failure(value: Value): ReplyError {
  if (value instanceof ReplyError) return value
  return new ReplyError(`ERR ${typeof value === 'string' ? value : 'the script failed'}`)
}

function attempt(call: ScriptCall, words: readonly string[] | undefined): Value {
  if (words === undefined) return new ReplyError('ERR Lua redis lib command arguments must be strings or integers')
  if (words.length === 0) return new ReplyError('ERR Please specify at least one argument for this redis.call()')
  try {
    return call(words)
  } catch (error) {
    if (error instanceof ReplyError) return error
    throw error
  }
}

/** The arguments of the running function; undefined when one is neither text nor number. */
function wordsOn(state: LuaState): string[] | undefined {
  const words: string[] = []
  for (let index = 1; index <= lua.lua_gettop(state); index++) {
    const type = lua.lua_type(state, index)
    if (type === lua.LUA_TNUMBER) words.push(numberText(state, index))
    else if (type === lua.LUA_TSTRING) words.push(textAt(state, index))
    else return undefined
  }
  return words
}

/** A whole number has no ".0" in Lua 5.1. */
function numberText(state: LuaState, index: number): string {
  return String(lua.lua_tonumber(state, index))
}

function sha1(text: string): string {
  return createHash('sha1').update(text, 'latin1').digest('hex')
}

/** Splits the words after EVAL's script or EVALSHA's sum: `2 k1 k2 a1`. @throws ReplyError for an impossible number of keys */
export function keysAndArgs(words: readonly string[]): [keys: readonly string[], args: readonly string[]] {
  const count = /^-?\d+$/.test(words[0] ?? '') ? Number(words[0]) : undefined
  if (count === undefined) throw new ReplyError('ERR value is not an integer or out of range')
  if (count < 0) throw new ReplyError("ERR Number of keys can't be negative")
  if (count > words.length - 1) throw new ReplyError("ERR Number of keys can't be greater than number of args")
  return [words.slice(1, count + 1), words.slice(count + 1)]
}

/** What SCRIPT EXISTS, LOAD and FLUSH do. */
export function scriptCommand(scripts: Scripts, words: readonly string[]): Value {
  const [action = '', ...rest] = words
  switch (action.toUpperCase()) {
    case 'LOAD':
      return scripts.load(rest[0] ?? '')
    case 'EXISTS':
      return rest.map((sha) => (scripts.has(sha) ? 1 : 0))
    case 'FLUSH':
      scripts.flush()
      return new Status('OK')
    default:
      throw new ReplyError(
        `ERR SCRIPT ${action.toUpperCase()} is not offered by the in-process Redis: it needs a real redis-server`,
      )
  }
}
