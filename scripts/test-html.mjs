/** HTML report of a test run: one self-contained file. */

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #222; background: #fff }
table { border-collapse: collapse; width: 100% }
td { border-top: 1px solid #ddd; padding: .25rem .5rem; vertical-align: top }
td:last-child { text-align: right; white-space: nowrap }
pre { white-space: pre-wrap; margin: .25rem 0; color: #a40000 }
summary { cursor: pointer; font-size: 1.2rem; margin: 1rem 0 .5rem }
.passed td:first-child { color: #1a7f37 } .failed td:first-child { color: #a40000 } .skipped td:first-child { color: #666 }
`;
const MARKS = { passed: '✓ passed', failed: '✗ failed', skipped: '– skipped' };

/** `suites`: the results of scripts/test-reporter.cjs, each with its name. */
export function htmlReport(suites, summary, finishedAt) {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Tests: ${escape(summary)}</title><style>${STYLE}</style></head>
<body>
<h1>${escape(summary)}</h1>
<p>node-red-contrib-phase0, ${escape(finishedAt.toISOString())}, Node.js ${escape(process.version)}</p>
${suites.map(suiteReport).join('\n')}
</body>
</html>
`;
}

function suiteReport({ name, passed, failed, skipped, durationMs, tests = [] }) {
  const counts = `${passed} passed, ${failed} failed, ${skipped} skipped (${seconds(durationMs)})`;
  return `<details${failed > 0 ? ' open' : ''}><summary>${escape(name)}: ${counts}</summary>
<table>${tests.map(testRow).join('\n')}</table></details>`;
}

function testRow({ title, state, durationMs, error }) {
  const problem = error ? `<pre>${escape(error)}</pre>` : '';
  return `<tr class="${state}"><td>${MARKS[state]}</td><td>${escape(title)}${problem}</td><td>${seconds(durationMs)}</td></tr>`;
}

function seconds(ms = 0) {
  return `${(ms / 1000).toFixed(2)} s`;
}

function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
