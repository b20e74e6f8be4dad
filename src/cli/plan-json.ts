/** `plan.json` as text: readable, but long arrays (a trace has a million members) on one line. */
import type { Plan } from '../scenario/plan.ts';

const SHORT_LENGTH_MAX = 100;

export function planJson(plan: Plan): string {
  return `${indented(plan, '')}\n`;
}

/** JSON of two spaces in which what fits on a line, and what holds only numbers or text, stays on one. */
function indented(value: unknown, indent: string): string {
  const flat = JSON.stringify(value);
  if (typeof value !== 'object' || value === null || flat.length + indent.length <= SHORT_LENGTH_MAX) return flat;
  const deeper = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.every((member) => typeof member !== 'object' || member === null)) return flat;
    return `[\n${value.map((member) => deeper + indented(member, deeper)).join(',\n')}\n${indent}]`;
  }
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{\n${members.map(([key, member]) => `${deeper}${JSON.stringify(key)}: ${indented(member, deeper)}`).join(',\n')}\n${indent}}`;
}
