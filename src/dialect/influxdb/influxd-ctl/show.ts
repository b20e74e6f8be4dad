/** Reads `influxd-ctl show`: the data nodes with their numbers and addresses. Meta nodes are passed over. */
import type { Mistake } from '../../../base/mistake.ts';
import type { ImportedFile } from '../../../scenario/dialect-rules.ts';
import { ctlMistake } from './ctl-lines.ts';
import type { CtlTable } from './ctl-lines.ts';

export interface DataNode {
  number: number;
  address: string;
  isPassive: boolean;
}

export const DATA_NODES = 'Data Nodes';

export function readDataNodes(file: ImportedFile, { header, rows }: CtlTable, mistakes: Mistake[]): DataNode[] {
  const passive = header?.columns.findIndex(({ text }) => text === 'Passive') ?? -1;
  return rows.flatMap((line) => {
    const [number, address] = line.columns;
    if (address !== undefined && /^\d+$/.test(number.text) && /^\S+:\d+$/.test(address.text)) {
      const isPassive = passive >= 0 && line.columns.at(-1)?.text === 'true';
      return [{ number: Number(number.text), address: address.text, isPassive }];
    }
    const expected = 'the number of a node and its address, such as 4  data1:8088';
    mistakes.push(ctlMistake(file, 'I302', { line, message: 'not a line of a data node', expected }));
    return [];
  });
}
