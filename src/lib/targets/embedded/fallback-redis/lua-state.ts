/** Moves replies and texts into and out of the Lua machine (fengari, the one inside ioredis-mock). */
// @ts-expect-error -- the package ships no types; the part that we use is written down below
import untyped from 'fengari'
import {NO_ARRAY, ReplyError, Status, type Value} from './value.js'

/** A Lua machine; its values are reached by their place on its stack, -1 is the top. */
export type LuaState = symbol
type Bytes = Uint8Array

interface Lua {
  readonly LUA_OK: number
  readonly LUA_TNIL: number
  readonly LUA_TBOOLEAN: number
  readonly LUA_TNUMBER: number
  readonly LUA_TSTRING: number
  readonly LUA_TTABLE: number
  readonly LUA_REGISTRYINDEX: number
  lua_gettop(state: LuaState): number
  lua_settop(state: LuaState, index: number): void
  lua_pop(state: LuaState, count: number): void
  lua_type(state: LuaState, index: number): number
  lua_toboolean(state: LuaState, index: number): boolean
  lua_tonumber(state: LuaState, index: number): number
  lua_tostring(state: LuaState, index: number): Bytes | null
  lua_pushboolean(state: LuaState, value: boolean): void
  lua_pushnumber(state: LuaState, value: number): void
  lua_pushlstring(state: LuaState, value: Bytes, length: number): void
  lua_pushnil(state: LuaState): void
  lua_pushjsfunction(state: LuaState, run: (state: LuaState) => number): void
  lua_newtable(state: LuaState): void
  lua_rawgeti(state: LuaState, index: number, at: number): number
  lua_rawseti(state: LuaState, index: number, at: number): void
  lua_getfield(state: LuaState, index: number, name: Bytes): number
  lua_setfield(state: LuaState, index: number, name: Bytes): void
  lua_setglobal(state: LuaState, name: Bytes): void
  lua_pcall(state: LuaState, args: number, results: number, handler: number): number
}

interface LuaAux {
  luaL_newstate(): LuaState
  luaL_loadbuffer(state: LuaState, code: Bytes, size: number, name: Bytes): number
  luaL_ref(state: LuaState, table: number): number
  luaL_requiref(state: LuaState, name: Bytes, open: unknown, global: boolean): void
}

interface Fengari {
  readonly lua: Lua
  readonly lauxlib: LuaAux
  readonly lualib: Readonly<Record<string, unknown>>
}

export const {lua, lauxlib, lualib} = untyped as Fengari

/** One character, one byte: the texts of this server are latin1. */
export function toBytes(text: string): Bytes {
  return Uint8Array.from(Buffer.from(text, 'latin1'))
}

export function pushText(state: LuaState, text: string): void {
  lua.lua_pushlstring(state, toBytes(text), text.length)
}

export function textAt(state: LuaState, index: number): string {
  const bytes = lua.lua_tostring(state, index)
  return bytes === null ? '' : Buffer.from(bytes).toString('latin1')
}

/** A reply becomes a Lua value: null is false, a status `{ok=…}`, an error `{err=…}`. */
export function pushValue(state: LuaState, value: Value): void {
  if (value === null || value === NO_ARRAY) lua.lua_pushboolean(state, false)
  else if (typeof value === 'string') pushText(state, value)
  else if (typeof value === 'number' || typeof value === 'bigint') lua.lua_pushnumber(state, Number(value))
  else if (value instanceof Status) pushField(state, 'ok', value.text)
  else if (value instanceof ReplyError) pushField(state, 'err', value.message)
  else pushList(state, value)
}

function pushField(state: LuaState, name: string, text: string): void {
  lua.lua_newtable(state)
  pushText(state, text)
  lua.lua_setfield(state, -2, toBytes(name))
}

export function pushList(state: LuaState, values: readonly Value[]): void {
  lua.lua_newtable(state)
  for (const [index, value] of values.entries()) {
    pushValue(state, value)
    lua.lua_rawseti(state, -2, index + 1)
  }
}

/** The value on top becomes a reply: numbers lose their fraction, true is 1, false and nil are null. Leaves the stack as it was. */
export function valueOnTop(state: LuaState): Value {
  switch (lua.lua_type(state, -1)) {
    case lua.LUA_TSTRING:
      return textAt(state, -1)
    case lua.LUA_TNUMBER:
      return Math.trunc(lua.lua_tonumber(state, -1))
    case lua.LUA_TBOOLEAN:
      return lua.lua_toboolean(state, -1) ? 1 : null
    case lua.LUA_TTABLE:
      return tableOnTop(state)
    default:
      return null
  }
}

function tableOnTop(state: LuaState): Value {
  const error = field(state, 'err')
  if (error !== undefined) return new ReplyError(error)
  const status = field(state, 'ok')
  if (status !== undefined) return new Status(status)
  const values: Value[] = []
  while (lua.lua_rawgeti(state, -1, values.length + 1) !== lua.LUA_TNIL) {
    values.push(valueOnTop(state))
    lua.lua_pop(state, 1)
  }
  lua.lua_pop(state, 1)
  return values
}

function field(state: LuaState, name: string): string | undefined {
  const found = lua.lua_getfield(state, -1, toBytes(name)) === lua.LUA_TSTRING
  const text = found ? textAt(state, -1) : undefined
  lua.lua_pop(state, 1)
  return text
}
