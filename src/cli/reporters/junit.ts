/** JUnit XML: a suite for each scenario, a case for each expectation. What was not run is skipped. */
import type { Judgement } from '../judge.ts';
import type { Tested } from '../test-report.ts';
import { escapeXml } from './escape.ts';
import { findingsOf } from './findings.ts';
import type { Finding } from './findings.ts';

interface Case {
  name: string;
  finding: Finding | null;
}

export function junitReport({ judgements, names, seconds }: Tested): string {
  const judged = new Set(judgements.map(({ file }) => file));
  const suites = [
    ...judgements.map((judgement) => suite(judgement.file, casesOf(judgement), judgement.seconds)),
    ...names.filter((name) => !judged.has(name)).map((name) => skippedSuite(name)),
  ];
  const all = judgements.flatMap(casesOf);
  const head = `<testsuites name="reconverge" ${counts(all, names.length - judged.size)} time="${seconds.toFixed(3)}">`;
  return ['<?xml version="1.0" encoding="UTF-8"?>', head, ...suites, '</testsuites>', ''].join('\n');
}

/** Every expectation, and whatever else was found. */
function casesOf(judgement: Judgement): Case[] {
  const findings = findingsOf(judgement);
  const ids = Object.keys(judgement.golden?.now.verdicts ?? {});
  const held = ids.filter((id) => findings.every((finding) => finding.id !== id));
  return [
    ...held.map((name) => ({ name, finding: null })),
    ...findings.map((finding) => ({ name: finding.id === '' ? judgement.name : finding.id, finding })),
  ];
}

function counts(cases: readonly Case[], skipped: number): string {
  const of = (kind: Finding['kind']): number => cases.filter(({ finding }) => finding?.kind === kind).length;
  return `tests="${cases.length + skipped}" failures="${of('failure')}" errors="${of('error')}" skipped="${of('open') + skipped}"`;
}

function suite(file: string, cases: readonly Case[], seconds: number): string {
  const each = cases.map((one) => caseText(file, one));
  const head = `  <testsuite name="${escapeXml(file)}" ${counts(cases, 0)} time="${seconds.toFixed(3)}">`;
  return [head, ...each, '  </testsuite>'].join('\n');
}

function caseText(file: string, { name, finding }: Case): string {
  const place = finding !== null && finding.line > 0 ? ` line="${finding.line}"` : '';
  const open = `    <testcase classname="${escapeXml(file)}" name="${escapeXml(name)}" file="${escapeXml(finding?.file ?? file)}"${place}`;
  if (finding === null) return `${open}/>`;
  const { kind, title, lines } = finding;
  if (kind === 'open') return `${open}><skipped message="${escapeXml(lines.join('\n'))}"/></testcase>`;
  const element = kind === 'failure' ? 'failure' : 'error';
  return `${open}><${element} message="${escapeXml(title)}" type="${kind}">${escapeXml(lines.join('\n'))}</${element}></testcase>`;
}

function skippedSuite(name: string): string {
  const file = escapeXml(name);
  return [
    `  <testsuite name="${file}" tests="1" failures="0" errors="0" skipped="1">`,
    `    <testcase classname="${file}" name="${file}" file="${file}"><skipped message="not run"/></testcase>`,
    '  </testsuite>',
  ].join('\n');
}
