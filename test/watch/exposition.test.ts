/** The Prometheus text format as pages really write it. */
import {describe, expect, test} from 'vitest'
import {parseExposition} from '../../src/lib/watch/exposition.js'

const PAGE = `# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400"}    3 1395066363000

# Escaping in label values:
msdos_file_access_time_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\""} 1.458255915e9
braces{pattern="}{,"} 5
spaced { a = "b" , } 6
metric_without_timestamp_and_labels 12.47
something_weird{problem="division by zero"} +Inf -3982045
nothing NaN
# TYPE queue gauge
queue -2
`

describe('a page', () => {
  const page = parseExposition(PAGE)

  test.each([
    ['label sets are summed', 'http_requests_total', 1030],
    ['a plain one', 'metric_without_timestamp_and_labels', 12.47],
    ['a large one', 'msdos_file_access_time_seconds', 1_458_255_915],
    ['braces in a label', 'braces', 5],
    ['blanks between', 'spaced', 6],
    ['one below zero', 'queue', -2],
    ['infinity is no figure', 'something_weird', undefined],
    ['nor is NaN', 'nothing', undefined],
    ['nor one that is not there', 'http_requests', undefined],
  ])('%s: %s', (_, name, value) => expect(page?.total(name)).toBe(value))

  test('can be asked for some of the label sets', () =>
    expect(page?.total('http_requests_total', (labels) => labels.get('code') === '400')).toBe(3))

  test('labels are read without their escapes', () =>
    expect(page?.samples.find(({name}) => name.startsWith('msdos'))?.labels.get('error')).toBe(
      'Cannot find file:\n"FILE.TXT"',
    ))

  test('declares types', () => {
    expect(page?.typeOf('http_requests_total')).toBe('counter')
    expect(page?.typeOf('queue')).toBe('gauge')
    expect(page?.typeOf('braces')).toBeUndefined()
  })
})

test.each([
  ['nothing', ''],
  ['HTML', '<!doctype html>\n<html lang="en">\n<body>RabbitMQ Management 3</body></html>'],
  ['JSON', '{"management_version":"3.12.1","rates_mode":"basic"}'],
  ['comments alone', '# HELP a b\n# TYPE a counter\n'],
])('%s is no such page', (_, text) => expect(parseExposition(text)).toBeUndefined())
