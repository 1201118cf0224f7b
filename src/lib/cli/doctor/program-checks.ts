/** The servers that the practice target runs on. */
import type {Check, Remedy} from '../../report/diagnosis-schema.js'
import type {Program, Trouble} from '../../targets/embedded/programs.js'
import {checked, isMac, type Situation} from './situation.js'

/** A real Redis is better, but not needed. */
export function redisCheck(situation: Situation, program: Program | undefined): Check {
  const name = 'redis-server'
  if (program?.usable)
    return checked('ok', {name, value: foundWords(program), allows: 'the practice target runs on it'})
  const row = {
    name,
    value: program === undefined ? 'not on PATH, valkey-server neither' : program.why,
    allows: 'the practice target runs on a Redis inside proofload, which proves nothing about a real one',
  }
  return checked(situation.bothEnds ? 'warning' : 'ok', row, [
    {what: 'install it', command: isMac(situation) ? 'brew install redis' : 'sudo apt-get install redis-server'},
  ])
}

export function postgresCheck({bothEnds}: Situation, program: Program): Check {
  const name = 'embedded postgres'
  if (program.usable) return checked('ok', {name, value: foundWords(program), allows: 'the practice target runs on it'})
  const row = {name, value: `${program.name}: ${program.why}`, allows: 'no practice target'}
  return checked(bothEnds ? 'problem' : 'warning', row, [remedyFor(program.trouble, program.name)])
}

function foundWords({version, name}: {readonly version: string; readonly name: string}): string {
  return `${version} (${name})`
}

function remedyFor(trouble: Trouble, name: string): Remedy {
  switch (trouble) {
    case 'missing':
      return {what: 'install the packages of this platform', command: 'npm install --include=optional'}
    case 'forbidden':
      return {what: 'install proofload in a folder that every user may enter, or run it as another user than root'}
    case 'broken':
      return {what: 'unpack it again', command: `npm rebuild ${name}`}
  }
}
