/** What looks like production, and therefore asks for a permission of its own. */
import {isIP} from 'node:net'
import {bareHost} from './host-pattern.js'

const WHOLE_LABEL = ['live', 'www']

const PRODUCTION = /(^|[^a-z])(prod|prd|production)\d*($|[^a-z0-9])/

/** Said on purpose of what is not production. */
const NOT_YET = /(^|[^a-z])(pre|non|not|no)[-_ ]?(prod|prd|production)/g

/** Whether a host has a label such as prod, production, live or www, or one with prod between dashes. */
export function looksLikeProduction(host: string): boolean {
  const bare = bareHost(host)
  if (isIP(bare) !== 0) return false
  return bare.split('.').some((label) => WHOLE_LABEL.includes(label) || namesProduction(label))
}

/** Whether a profile's `environment` means production: prod, production, prod-like, eu-production-2, live. */
export function isProductionEnvironment(environment: string | undefined): boolean {
  const text = (environment ?? '').trim().toLowerCase()
  return text === 'live' || namesProduction(text)
}

function namesProduction(text: string): boolean {
  return PRODUCTION.test(text.toLowerCase().replace(NOT_YET, '$1'))
}
