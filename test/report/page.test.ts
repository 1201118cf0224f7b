import {execFile} from 'node:child_process'
import {accessSync, constants} from 'node:fs'
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {delimiter, join} from 'node:path'
import {promisify} from 'node:util'
import {expect, test} from 'vitest'
import type {Exhibit} from '../../src/lib/metrics/exhibit.js'
import {toPage} from '../../src/lib/report/html/page.js'
import {parseOutput} from '../../src/lib/report/outputs.js'
import type {Report} from '../../src/lib/report/schema.js'
import {CURVE, FAULT, finding, sampleReport} from './sample.js'

const NASTY = `</pre><script>alert("x")</script><img src=//evil.example/a onerror='y'>&amp;\u0000`

const plan = (title: string, group: string, text: string): Exhibit => ({
  title,
  group,
  lines: [
    [
      {text: '► ', tone: 'hot'},
      {text, tone: 'plain'},
    ],
    [{text: '  filter: a < …', tone: 'dim'}],
  ],
})

const full: Report = {
  ...sampleReport({
    judged: {
      findings: [
        finding({
          threshold: 'query_speedup{query=room-history} >= 50%',
          metric: 'query_speedup',
          observed: 0.93,
          unit: 'share',
          bound: 0.5,
          samples: 40,
          interval: [0.91, 0.95],
          margin: 0.86,
        }),
        finding({
          threshold: `regressed_queries == 0`,
          metric: 'regressed_queries',
          observed: 1,
          verdict: 'fail',
          why: `inbox got slower ${NASTY}`,
        }),
      ],
      verdict: 'fail',
      exitCode: 99,
    },
  }),
  doubts: [{name: 'noise', why: 'the machine was busy', advice: 'run it alone', spoils: 'all'}],
  exhibits: [
    plan('before', 'room-history', 'Seq Scan on messages'),
    plan('after', 'room-history', 'Index Scan using new_idx'),
    plan('before', 'inbox', NASTY),
    {title: 'Statements to apply', lines: [[{text: 'CREATE INDEX CONCURRENTLY a ON b (c);', tone: 'plain'}]]},
  ],
  curve: CURVE,
  faults: [FAULT],
  plan: {drill: 'db-explain', seed: 'k3x9m2', note: NASTY},
}

const VOID = new Set(['meta', 'br', 'link', 'img', 'input', 'hr'])

/** Every element in its order, by a strict reading: each is closed where it was opened. Texts of the page without its style. */
function parsed(page: string): {elements: string[]; text: string; open: string[]} {
  const elements: string[] = []
  const open: string[] = []
  const body = page.replace(/^<!doctype html>/, '').replace(/<style>[^<]*<\/style>/, '')
  const text = body.replaceAll(
    /<(\/?)([a-z0-9]+)((?:\s+[a-z-]+="[^"<]*")*)\s*\/?>/g,
    (_tag, slash: string, name: string) => {
      if (slash !== '') expect(open.pop()).toBe(name)
      else {
        elements.push(name)
        if (!VOID.has(name)) open.push(name)
      }
      return ''
    },
  )
  expect(text).not.toMatch(/[<>]/)
  return {elements, text, open}
}

test('the page is well formed, and holds nothing that runs or loads', () => {
  const page = toPage(full)
  const {elements, open} = parsed(page)
  expect(open).toEqual([])
  expect(elements.filter((name) => ['script', 'link', 'img', 'iframe', 'object', 'form'].includes(name))).toEqual([])
  expect(page).not.toMatch(/@import|url\(/)
  expect(page).toContain(`content="default-src 'none'`.replaceAll("'", '&#39;'))
  expect(page).not.toContain('\u0000')
  expect(page).toContain('&lt;script&gt;alert(&quot;x&quot;)')
})

test('it tells the verdict, each threshold with why, doubts, levels, faults, the environment and the plan', () => {
  const {text} = parsed(toPage(full))
  for (const part of [
    'FAIL',
    '1 of 2 thresholds broken: regressed_queries',
    'query_speedup{query=room-history}',
    '95 % interval 91 % to 95 %',
    'inbox got slower',
    'the machine was busy',
    '12,500 users held; 25,000 broke messages_lost == 0',
    'net.down(proxy=target) at 5s for 3s',
    'redis-server 7.0.15',
    'delivery_latency{node=1}',
  ])
    expect(text).toContain(part)
})

test('plans of one query stand side by side, line by line as in the terminal', () => {
  const page = toPage(full)
  const groups = page.split('class="sides"').slice(1)
  expect(groups.map((group) => group.split('<figure>').length - 1)).toEqual([2, 1, 1])
  expect(page).toContain(
    '<pre tabindex="0"><span class="t-hot">► </span>Seq Scan on messages\n<span class="t-dim">  filter: a &lt; …</span>\n</pre>',
  )
})

test('a report without anything special is a page too', () => {
  const {text, open} = parsed(toPage(sampleReport()))
  expect(open).toEqual([])
  expect(text).toContain('PASS')
  expect(text).not.toContain('Evidence')
})

test('--out html=FILE is read', () => {
  expect(parseOutput('html=report.html')).toEqual({kind: 'html', file: 'report.html'})
})

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

const browser = BROWSERS.flatMap((name) =>
  (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name)),
).find(isExecutable)

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const reason = browser === undefined ? ' (skipped: no Chromium on PATH)' : ''

test.skipIf(browser === undefined)(
  `Chromium shows every part of it, and asks nobody for anything${reason}`,
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'proofload-page-'))
    try {
      const file = join(folder, 'report.html')
      await writeFile(file, toPage(full))
      const traffic = join(folder, 'traffic.json')
      const flags = [
        '--headless=new',
        '--no-sandbox',
        '--disable-gpu',
        '--enable-logging=stderr',
        `--user-data-dir=${join(folder, 'profile')}`,
        `--log-net-log=${traffic}`,
        '--dump-dom',
      ]
      const {stdout, stderr} = await promisify(execFile)(browser ?? '', [...flags, `file://${file}`], {timeout: 25_000})
      expect(stdout).toContain('<title>')
      expect(stdout.match(/<figure>/g)).toHaveLength(4)
      expect(stdout.match(/data-name="Target"/g)).toHaveLength(full.findings.length)
      expect(stdout).not.toContain('<script')
      // What the page itself did wrong, its own policy included, is said on the console.
      expect(stderr).not.toMatch(/CONSOLE/)
      // The browser has traffic of its own.
      expect(await readFile(traffic, 'utf8')).not.toContain('evil.example')
    } finally {
      await rm(folder, {recursive: true, maxRetries: 5})
    }
  },
)
