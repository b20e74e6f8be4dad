/** What did not hold, in one shape for every reporter: a title, the place of the expectation, and lines of which the replay is first. */
import type { Complaint, Judgement } from '../judge.ts';
import { goldenPath } from '../testing/golden-file.ts';

export interface Finding {
  /** An error is no answer: a mistake in the file, a bug. Open: nobody knows. */
  kind: 'failure' | 'error' | 'open';
  /** The expectation, `golden`, or a mistake's code; empty for the scenario as a whole. */
  id: string;
  file: string;
  /** 0: no line. */
  line: number;
  title: string;
  lines: string[];
}

export function findingsOf(judgement: Judgement): Finding[] {
  const { file, complaints, moved, mistakes, bug } = judgement;
  const found = complaints.map((complaint) => complaintFinding(file, complaint));
  if (moved !== null) {
    const lines = [moved.replay, moved.says, ...moved.details];
    found.push({
      kind: 'failure',
      id: 'golden',
      file: goldenPath(file),
      line: 1,
      title: 'moved against its golden',
      lines,
    });
  }
  for (const { code, message, expected, file: place, line, severity } of mistakes) {
    if (severity === 'warning') continue;
    const lines = [
      `npx reconverge check ${file}`,
      message,
      ...(expected === undefined ? [] : [`expected  ${expected}`]),
    ];
    found.push({ kind: 'error', id: code, file: line > 0 ? place : file, line, title: `${code} ${message}`, lines });
  }
  if (bug !== null)
    found.push({ kind: 'error', id: '', file, line: 0, title: 'bug in reconverge', lines: [bug.replay, bug.message] });
  return found;
}

const TITLES: Record<Complaint['kind'], string> = {
  violated: 'violated',
  undecided: 'undecided',
  not_broken: 'not broken by the variant that must',
  unproven: 'broken by no variant',
};

function complaintFinding(file: string, complaint: Complaint): Finding {
  const { kind, expectation, expected, detail, seeds, variant, replay } = complaint;
  const lines = [
    replay,
    variant === null ? '' : `variant "${variant}"`,
    seeds,
    expected,
    detail,
    complaint.next === undefined ? '' : `then ${complaint.next}`,
    ...(complaint.against ?? []),
  ];
  return {
    kind: kind === 'undecided' ? 'open' : 'failure',
    id: expectation,
    file: complaint.file ?? file,
    line: complaint.line,
    title: `${expectation === '' ? 'nothing expected' : expectation} ${TITLES[kind]}`,
    lines: lines.filter((line) => line !== ''),
  };
}
