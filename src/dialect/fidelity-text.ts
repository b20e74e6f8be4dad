/** The parts of a page that shows a fidelity ledger, the same for every dialect. */
import type { LedgerRule, LedgerSection } from './ledger-rule.ts';

export interface FidelityPage {
  /** Title, what the page is, how its sources are to be read. */
  head: string;
  sections: readonly LedgerSection[];
  /** Sentences. */
  notModelled: readonly string[];
}

export function fidelityText({ head, sections, notModelled }: FidelityPage): string {
  const told = sections.map(({ title, rules }) => `## ${title}\n\n${rules.map(ruleText).join('\n\n')}`);
  const left = `## Not modelled\n\n${notModelled.map((text) => `- ${text}`).join('\n')}`;
  return `${[head, switchTable(sections.flatMap(({ rules }) => rules)), ...told, left].join('\n\n')}\n`;
}

function switchTable(rules: readonly LedgerRule[]): string {
  const rows = rules.filter(({ off }) => off !== undefined).map(({ id, off }) => `| \`${id}\` | ${off} |`);
  return `## Switches

\`model: { off: [id] }\` in a scenario turns a rule off. Then:

| rule | the model does instead |
|---|---|
${rows.join('\n')}`;
}

function ruleText(rule: LedgerRule): string {
  const lines = [`### \`${rule.id}\`·${rule.revision} ${rule.title}`, '', rule.fact, '', `Source: ${rule.source}.`];
  const versions = versionsText(rule);
  if (versions !== null) lines.push('', `Versions: ${versions}.`);
  if (rule.simplified !== undefined) lines.push('', `Simplified: ${rule.simplified}`);
  if (rule.off !== undefined) lines.push('', `Off: ${rule.off}.`);
  if (rule.always !== undefined) lines.push('', `No switch: ${rule.always}`);
  return lines.join('\n');
}

/** Null where it holds for all. */
function versionsText({ since, until }: LedgerRule): string | null {
  if (since === undefined && until === undefined) return null;
  if (until === undefined) return `${since} and later`;
  return since === undefined ? `up to ${until}` : spanOf(since, until);
}

export function spanOf(since: string, until: string): string {
  return since === until ? since : `${since} to ${until}`;
}

export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`;
}
