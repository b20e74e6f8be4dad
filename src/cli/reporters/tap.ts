/** TAP 14: a point for each scenario, what did not hold as diagnostics. */
import type { Tested } from '../test-report.ts';
import { escapeTap } from './escape.ts';
import { findingsOf } from './findings.ts';

export function tapReport({ judgements, names }: Tested): string {
  const lines = ['TAP version 14', `1..${names.length}`];
  for (const [index, name] of names.entries()) {
    const judgement = judgements.find(({ file }) => file === name);
    const title = `${index + 1} - ${escapeTap(name)}`;
    if (judgement === undefined) {
      lines.push(`ok ${title} # SKIP not run`);
      continue;
    }
    const findings = findingsOf(judgement);
    lines.push(findings.length === 0 ? `ok ${title}` : `not ok ${title}`);
    // JSON is YAML, and no name can end the block.
    if (findings.length > 0)
      lines.push('  ---', ...findings.map((finding) => `  - ${JSON.stringify(finding)}`), '  ...');
  }
  return `${lines.join('\n')}\n`;
}
