import {describe, expect, test} from 'vitest'
import {isProductionEnvironment, looksLikeProduction} from '../../../src/lib/targets/safety/production.js'

describe('hosts that look like production', () => {
  test.each([
    'prod.example',
    'chat.production.example',
    'www.example.com',
    'live.example',
    'PROD.example',
    'chat-prod.example',
    'prod-eu-1.example',
    'prod2.example',
    'chat.prd.example',
  ])('%s does', (host) => {
    expect(looksLikeProduction(host)).toBe(true)
  })

  test.each([
    'chat.staging.example',
    'product.example',
    'products.example',
    'reproduction.example',
    'alive.example',
    'live-chat.staging.example',
    'preprod.example',
    'pre-prod.example',
    'nonprod.example',
    'www2.example',
    '10.0.0.1',
    '::1',
  ])('%s does not', (host) => {
    expect(looksLikeProduction(host)).toBe(false)
  })
})

describe('environments that are production', () => {
  test.each(['production', 'Production', 'prod', 'prod-like', 'eu production 2', 'PRD', 'live', 'prod_eu'])(
    '%s is',
    (environment) => {
      expect(isProductionEnvironment(environment)).toBe(true)
    },
  )

  test.each([
    undefined,
    '',
    'staging',
    'pre-production',
    'preprod',
    'non-prod',
    'not production',
    'product demo',
    'live demo of staging',
  ])('%s is not', (environment) => {
    expect(isProductionEnvironment(environment)).toBe(false)
  })
})
