/** Turns bodies into what they ask for, checked in the order in which Toxiproxy checks. */
import {TOXICS, isToxicType} from '../toxics/catalogue.js'
import type {NamedSetting} from '../directory.js'
import type {Setting} from '../proxy.js'
import type {Attributes, Stream, Toxic, ToxicType} from '../toxic.js'
import {badStream, badToxicType, missingField} from './errors.js'
import {type Fields, fieldsOf, firstValue, flagOf, itemsOf, numberOf, objectOf, textOf, wholeOf} from './go-json.js'

export function readProxy(body: string): NamedSetting {
  return settingOf(fieldsOf(firstValue(body)))
}

/** Every entry is checked before any is used. */
export function readProxies(body: string): readonly NamedSetting[] {
  return itemsOf(firstValue(body)).map((item, index) => settingOf(fieldsOf(item), ` at proxy ${index + 1}`))
}

function settingOf(fields: Fields, where = ''): NamedSetting {
  const name = textOf(fields, 'name') ?? ''
  const upstream = textOf(fields, 'upstream') ?? ''
  const [listen, enabled] = [textOf(fields, 'listen') ?? '', flagOf(fields, 'enabled') ?? true]
  if (name === '') throw missingField(`name${where}`)
  if (upstream === '') throw missingField(`upstream${where}`)
  return {name, listen, upstream, enabled}
}

/** What is left out stays as it is. */
export function readSetting(body: string, current: Setting): Setting {
  const fields = fieldsOf(firstValue(body))
  return {
    listen: textOf(fields, 'listen') ?? current.listen,
    upstream: textOf(fields, 'upstream') ?? current.upstream,
    enabled: flagOf(fields, 'enabled') ?? current.enabled,
  }
}

/** `checkName` throws when there is such a toxic already; that is told before a wrong attribute is. */
export function readToxic(body: string, checkName: (name: string) => void): Toxic {
  const fields = fieldsOf(firstValue(body))
  const type = textOf(fields, 'type') ?? ''
  const given = textOf(fields, 'name') ?? ''
  const stream = (textOf(fields, 'stream') ?? 'downstream').toLowerCase()
  const toxicity = numberOf(fields, 'toxicity') ?? 1
  if (!isStream(stream)) throw badStream()
  if (!isToxicType(type)) throw badToxicType()
  const name = given === '' ? `${type}_${stream}` : given
  checkName(name)
  const none = Object.fromEntries(TOXICS[type].attributes.map((attribute) => [attribute, 0]))
  return {attributes: {...none, ...attributesOf(type, fields)}, name, type, stream, toxicity}
}

/** Name, type and stream cannot be changed; they are not looked at. */
export function readToxicChange(body: string, type: ToxicType): {attributes: Attributes; toxicity: number | undefined} {
  const fields = fieldsOf(firstValue(body))
  return {attributes: attributesOf(type, fields), toxicity: numberOf(fields, 'toxicity')}
}

function attributesOf(type: ToxicType, fields: Fields): Attributes {
  const given = objectOf(fields, 'attributes')
  const values = TOXICS[type].attributes.map((attribute) => [attribute, wholeOf(given, attribute)] as const)
  return Object.fromEntries(values.filter((entry): entry is [string, number] => entry[1] !== undefined))
}

function isStream(text: string): text is Stream {
  return text === 'upstream' || text === 'downstream'
}
