/** The look of the page: one column of evidence, light or dark as the reader's system is, and fit for print. */

export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fff; --ink: #1b1f24; --soft: #5c6670; --line: #d9dee3; --panel: #f6f8fa;
  --good: #116329; --bad: #b42318; --doubt: #8a5a00; --good-back: #e3f5e8; --bad-back: #fdeceb; --doubt-back: #fdf3dc;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #12161b; --ink: #e4e8ec; --soft: #9aa5b1; --line: #2d343c; --panel: #1a2027;
    --good: #6fd68a; --bad: #ff8f85; --doubt: #e8b84a; --good-back: #12301b; --bad-back: #3b1715; --doubt-back: #33270c;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 104rem; padding: 2rem clamp(1rem, 4vw, 3rem) 4rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1 { margin: 0 0 .5rem; font-size: 1.6rem; }
h2 { margin: 2.5rem 0 .75rem; font-size: 1.15rem; }
h3 { margin: 1.5rem 0 .5rem; font-size: 1rem; }
.verdict { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: baseline; padding: .9rem 1.1rem; border-radius: .5rem;
  border-left: .35rem solid; }
.verdict strong { font-size: 1.15rem; letter-spacing: .02em; }
.verdict.pass { background: var(--good-back); border-color: var(--good); } .verdict.pass strong { color: var(--good); }
.verdict.fail { background: var(--bad-back); border-color: var(--bad); } .verdict.fail strong { color: var(--bad); }
.verdict.inconclusive { background: var(--doubt-back); border-color: var(--doubt); } .verdict.inconclusive strong { color: var(--doubt); }
.soft { color: var(--soft); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .9rem .35rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { font-weight: 600; } thead th { color: var(--soft); font-size: .85rem; }
td.number, th.number { text-align: right; white-space: nowrap; }
td.text { white-space: nowrap; } td.why { max-width: 42rem; }
@media (max-width: 44rem) {
  .thresholds thead { display: none; } .thresholds tr { display: flex; flex-wrap: wrap; gap: .1rem .9rem; padding: .5rem 0; border-bottom: 1px solid var(--line); }
  .thresholds :is(th, td) { padding: 0; border: 0; } .thresholds td:empty { display: none; }
  .thresholds :is(th, td.why) { flex-basis: 100%; overflow-wrap: anywhere; }
  .thresholds td[data-name]::before { content: attr(data-name) " "; color: var(--soft); font-size: .85rem; }
}
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; }
code { font-size: .88em; }
pre { margin: 0; padding: .8rem 1rem; overflow-x: auto; background: var(--panel); border: 1px solid var(--line); border-radius: .4rem;
  font-size: 12px; line-height: 1.45; tab-size: 4; }
.pass { color: var(--good); } .fail { color: var(--bad); font-weight: 600; } .inconclusive, .warned { color: var(--doubt); }
.verdict.pass, .verdict.fail, .verdict.inconclusive { color: inherit; font-weight: inherit; }
.t-dim { color: var(--soft); } .t-warm { color: var(--doubt); } .t-good { color: var(--good); font-weight: 600; }
.t-hot { color: var(--bad); font-weight: 600; }
.sides { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 44rem), 1fr)); }
figure { margin: 0; min-width: 0; } figcaption { margin-bottom: .35rem; font-weight: 600; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.25rem; margin: 0; } dt { color: var(--soft); } dd { margin: 0; }
details { margin-top: 1rem; } summary { cursor: pointer; font-weight: 600; } details > :not(summary) { margin-top: .75rem; }
@media print { body { max-width: none; padding: 0; font-size: 11px; } pre { white-space: pre-wrap; font-size: 8px; } .sides { display: block; }
  section, figure { break-inside: avoid-page; } }
`
