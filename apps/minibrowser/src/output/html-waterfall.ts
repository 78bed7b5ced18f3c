// `--waterfall=FILE.html`: the waterfall as one self-contained page without scripts. Everything in it came from a page
// or a server, so every value is escaped, and a content security policy forbids whatever would slip through.

import type { LoadReport, ResourceReport } from '../load-report.ts'
import { type PhaseName, PHASE_NAMES, phasesOf, totalsByPhase } from './phases.ts'
import { formatBytes, formatMilliseconds } from './quantities.ts'
import { resourceName } from './resource-name.ts'
import { sanitizeLine } from './terminal-text.ts'

const COLORS: Record<PhaseName, string> = {
  queueing: '#9aa3ad',
  IPC: '#b07cc6',
  redirects: '#7d6b5d',
  DNS: '#2fb5b0',
  TCP: '#e9a13b',
  TLS: '#d9577c',
  waiting: '#57ab5a',
  receiving: '#3d8bfd',
}

/** The page; what the report holds is escaped, so a hostile title or URL stays text. */
export function renderHtmlWaterfall(report: LoadReport): string {
  const span = Math.max(report.duration, ...report.resources.map(({ timing }) => timing.finished), 1)
  const title = sanitizeLine(report.title ?? '') || sanitizeLine(report.finalUri)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} – waterfall</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${escapeHtml(title)}</h1>
<p class="uri">${escapeHtml(sanitizeLine(report.finalUri))}</p>
${report.error ? `<p class="failed">${escapeHtml(errorSentence(report.error))}</p>` : ''}
<dl>${summary(report)}</dl>
<ul class="legend">${legend(report)}</ul>
</header>
<main>
<table>
<thead><tr><th>Status</th><th>Type</th><th class="number">Size</th><th>Protocol</th><th>Name</th><th class="scale"><div>${scale(span)}</div></th><th class="number">Time</th></tr></thead>
<tbody>
${report.resources.map((resource) => row(resource, report, span)).join('\n')}
</tbody>
</table>
</main>
<footer>${escapeHtml(processes(report))}</footer>
</body>
</html>
`
}

function summary(report: LoadReport): string {
  const bytes = report.resources.reduce((total, { size }) => total + size.headers + size.encoded, 0)
  const failed = report.resources.filter(({ error }) => error !== null).length
  const items: [string, string][] = [
    ['Time', formatMilliseconds(report.duration)],
    ['Resources', String(report.resources.length)],
    ['Failed', String(failed)],
    ['Transferred', formatBytes(bytes)],
    ['Started', new Date(report.startedAt).toISOString()],
  ]
  return items.map(([term, value]) => `<div><dt>${term}</dt><dd>${escapeHtml(value)}</dd></div>`).join('')
}

function legend(report: LoadReport): string {
  const spent = totalsByPhase(report.resources.map(({ timing }) => timing))
  return PHASE_NAMES.map(
    (name) =>
      `<li><i style="background:${COLORS[name]}"></i>${name} <b>${formatMilliseconds(spent.get(name) ?? 0)}</b></li>`,
  ).join('')
}

function scale(span: number): string {
  return [0, 0.25, 0.5, 0.75, 1]
    .map((part) => `<span style="left:${part * 100}%">${formatMilliseconds(span * part)}</span>`)
    .join('')
}

function row(resource: ResourceReport, report: LoadReport, span: number): string {
  const failed = resource.error !== null || (resource.status !== null && resource.status >= 400)
  const status = resource.error && resource.status === null ? 'failed' : String(resource.status ?? '–')
  const bars = phasesOf(resource.timing)
    .map(({ name, start, end }) => {
      const left = ((start / span) * 100).toFixed(3)
      const width = (((end - start) / span) * 100).toFixed(3)
      const tip = `${name} ${formatMilliseconds(end - start)}, from ${formatMilliseconds(start)}`
      return `<i style="left:${left}%;width:${width}%;background:${COLORS[name]}" title="${tip}"></i>`
    })
    .join('')
  const name = sanitizeLine(resourceName(resource.url, report.finalUri))
  const note = resource.error ? `<small>${escapeHtml(errorSentence(resource.error))}</small>` : ''
  const time = formatMilliseconds(resource.timing.finished - resource.timing.queued)
  return (
    `<tr${failed ? ' class="failed"' : ''}><td>${escapeHtml(status)}</td><td>${escapeHtml(resource.type)}</td>` +
    `<td class="number">${formatBytes(resource.size.encoded)}</td><td>${escapeHtml(resource.protocol ?? '–')}</td>` +
    `<td class="name" title="${escapeHtml(sanitizeLine(resource.url))}">${escapeHtml(name)}${note}</td>` +
    `<td class="bar"><div>${bars}</div></td><td class="number">${time}</td></tr>`
  )
}

function processes({ processes: { ui, network, web } }: LoadReport): string {
  const webProcesses = web.map(({ pid, site, sandbox }) => `WebProcess ${pid} (${site}, ${sandbox})`)
  return sanitizeLine([`UIProcess ${ui}`, `NetworkProcess ${network ?? '–'}`, ...webProcesses].join(' · '))
}

function errorSentence({ domain, code, message }: { domain: string; code: string; message: string }): string {
  return sanitizeLine(`${message} (${domain}: ${code})`)
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

const STYLE = `
:root{color-scheme:light dark;--line:color-mix(in srgb,currentColor 14%,transparent);--soft:color-mix(in srgb,currentColor 60%,transparent)}
*{box-sizing:border-box}
body{margin:0;padding:1.5rem 2rem;font:14px/1.45 system-ui,sans-serif;background:Canvas;color:CanvasText}
h1{margin:0;font-size:1.4rem}.uri{margin:.1rem 0 1rem;color:var(--soft);overflow-wrap:anywhere}
dl{display:flex;flex-wrap:wrap;gap:.5rem 2rem;margin:0 0 1rem}dt{color:var(--soft);font-size:.8rem}dd{margin:0;font-weight:600}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin:0 0 1rem;padding:0;list-style:none;font-size:.85rem}
.legend i{display:inline-block;width:.8em;height:.8em;margin-right:.4em;border-radius:2px}.legend b{font-weight:500;color:var(--soft)}
table{width:100%;border-collapse:collapse;font-size:.85rem}
th{position:sticky;top:0;z-index:1;background:Canvas;text-align:left;font-weight:600;padding:.35rem .6rem;border-bottom:2px solid var(--line)}
td{padding:.25rem .6rem;border-bottom:1px solid var(--line);white-space:nowrap;vertical-align:middle}
.number{text-align:right;font-variant-numeric:tabular-nums}.name{max-width:24rem;overflow:hidden;text-overflow:ellipsis}
small{display:block;white-space:normal;font-weight:400}.failed,.failed td{color:#d1344b}
.scale{width:55%;min-width:20rem;padding-left:0;padding-right:0}.scale div{position:relative;height:1.2em}
.scale span{position:absolute;transform:translateX(-50%);white-space:nowrap;font-weight:400;font-size:.75rem;color:var(--soft)}
.scale span:first-child{transform:none}.scale span:last-child{transform:translateX(-100%)}
.bar{padding-left:0;padding-right:0;background:repeating-linear-gradient(90deg,var(--line) 0 1px,transparent 1px 25%)}
.bar div{position:relative;height:1.1em}
.bar i{position:absolute;top:0;bottom:0;min-width:1px;border-radius:1px}
tbody tr:hover{background:color-mix(in srgb,currentColor 5%,transparent)}
footer{margin-top:1.5rem;color:var(--soft);font-size:.8rem;overflow-wrap:anywhere}
`
