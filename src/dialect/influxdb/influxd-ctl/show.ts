/** Reads `influxd-ctl show`: the data nodes with their numbers and addresses. Meta nodes are passed over. */
import type { Mistake } from '../../../base/mistake.ts';
import type { ImportedFile } from '../../../scenario/dialect-rules.ts';
import { ctlMistake } from './ctl-lines.ts';
import type { CtlLine, CtlTable } from './ctl-lines.ts';

export interface DataNode {
  number: number;
  address: string;
  isPassive: boolean;
  /** `1.8.10-c1.8.10`; null where it is not shown. */
  version: string | null;
  /** Where it stands; absent where only show-shards is given. */
  at?: { file: ImportedFile; line: CtlLine };
}

export const DATA_NODES = 'Data Nodes';
const VERSION = /^v?\d+\.\d+(\.\d+)?(-\S+)?$/;

export function readDataNodes(file: ImportedFile, { header, rows }: CtlTable, mistakes: Mistake[]): DataNode[] {
  const passive = header?.columns.findIndex(({ text }) => text === 'Passive') ?? -1;
  if (rows.length === 0) {
    const message = 'influxd-ctl show lists no data node';
    const expected = 'below the line of =, a line such as 4  data1:8088  1.8.10-c1.8.10 for each data node';
    mistakes.push(ctlMistake(file, 'I302', { line: header, message, expected }));
  }
  return rows.flatMap((line) => {
    const [number, address] = line.columns;
    if (address !== undefined && /^\d+$/.test(number.text) && /^\S+:\d+$/.test(address.text)) {
      const isPassive = passive >= 0 && line.columns.at(-1)?.text === 'true';
      const version = line.columns.find(({ text }) => VERSION.test(text))?.text ?? null;
      return [{ number: Number(number.text), address: address.text, isPassive, version, at: { file, line } }];
    }
    const expected = 'the number of a node and its address, such as 4  data1:8088';
    mistakes.push(ctlMistake(file, 'I302', { line, message: 'not a line of a data node', expected }));
    return [];
  });
}
