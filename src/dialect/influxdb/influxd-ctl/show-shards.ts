/**
 * Reads `influxd-ctl show-shards`: owners as `{26 data1:8088}` or as `{ID:26 TCPAddr:data1:8088 State:cold …}`, an end with `*`
 * where the shard is truncated, an empty Expires where data is kept for ever.
 */
import type { Mistake } from '../../../base/mistake.ts';
import type { ImportedFile } from '../../../scenario/dialect-rules.ts';
import { instantMicros } from '../instants.ts';
import { columnsOf, ctlMistake } from './ctl-lines.ts';
import type { Column, CtlLine, CtlTable } from './ctl-lines.ts';

export interface ShardOwner {
  number: number;
  address: string;
  /** Where it stands in its line. */
  part: Column;
}

export interface ShardLine {
  file: ImportedFile;
  line: CtlLine;
  number: number;
  database: string;
  policy: string;
  replication: number;
  group: number;
  fromMicros: number;
  untilMicros: number;
  isTruncated: boolean;
  expiresMicros: number | null;
  owners: ShardOwner[];
}

export const SHARDS = 'Shards';

const OWNER = /\{(?:ID:)?(\d+)\s+(?:TCPAddr:)?([^\s{}]+)([^{}]*)\}/g;
const LIST = /\[\s*(?:\{[^{}]*\}[\s,]*)*\]\s*$/;

export function readShards(file: ImportedFile, { rows }: CtlTable, mistakes: Mistake[]): ShardLine[] {
  return rows.flatMap((line) => {
    const read = readShard(file, line);
    if ('message' in read) mistakes.push(ctlMistake(file, 'I302', { line, ...read }));
    return 'message' in read ? [] : [read];
  });
}

interface Wrong {
  message: string;
  expected: string;
  part?: Column;
}

function readShard(file: ImportedFile, line: CtlLine): ShardLine | Wrong {
  const list = LIST.exec(line.text);
  if (list === null)
    return {
      message: line.text.includes('[') ? 'a list of owners that is not whole' : 'a shard without owners',
      expected: 'owners at the end, such as [{4 data1:8088} {5 data2:8088}]',
    };
  const [id, database, policy, replicas, group, start, end, expires] = columnsOf(line.text.slice(0, list.index));
  if (end === undefined)
    return {
      message: 'a line that is not whole',
      expected: 'ID, Database, Retention Policy, Desired Replicas, Shard Group, Start, End, Expires, Owners',
    };
  for (const part of [id, replicas, group])
    if (!/^\d+$/.test(part.text))
      return { message: `"${part.text}" is not a number`, expected: 'a whole number', part };
  const times = [start, end, ...(expires === undefined ? [] : [expires])].map(instantOf);
  const wrong = times.find((time) => typeof time !== 'number');
  if (wrong !== undefined && typeof wrong !== 'number') return wrong;
  const [fromMicros, untilMicros, expiresMicros = null] = times as number[];
  if (untilMicros <= fromMicros)
    return { message: 'the shard ends before it starts', expected: `an end after ${start.text}`, part: end };
  const owners = ownersOf(line.text, list.index);
  if (owners.length === 0)
    return {
      message: `no node owns the shard ${id.text}: what is written into it is nowhere`,
      expected: 'at least one owner, such as [{4 data1:8088}], or the file without that line',
      part: { text: list[0].trim(), at: list.index + 1 },
    };
  return {
    ...{ file, line, number: Number(id.text), database: database.text, policy: policy.text },
    ...{ replication: Number(replicas.text), group: Number(group.text), fromMicros, untilMicros },
    ...{ isTruncated: end.text.endsWith('*'), expiresMicros, owners },
  };
}

function instantOf(part: Column): number | Wrong {
  const micros = instantMicros(part.text.replace(/\*$/, ''));
  return (
    micros ?? { message: `"${part.text}" is not an instant`, expected: 'an instant such as 2023-01-08T00:00:00Z', part }
  );
}

function ownersOf(text: string, from: number): ShardOwner[] {
  return [...text.slice(from).matchAll(OWNER)].map((match) => ({
    number: Number(match[1]),
    address: match[2],
    part: { text: match[0], at: from + match.index + 1 },
  }));
}
