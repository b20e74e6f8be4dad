/**
 * Lists of integers as short text: each as the difference from the one before, in base 36, nothing where there is none, and
 * `*n` for n times nothing. Differences of what changes slowly are short, and text survives JSON and HTML.
 */
const BASE = 36;
const RUN_MIN = 3;

export function packNumbers(values: ArrayLike<number>): string {
  const parts: string[] = [];
  let last = 0;
  let zeros = 0;
  const closeRun = (): void => {
    if (zeros >= RUN_MIN) parts.push(`*${zeros.toString(BASE)}`);
    else for (let each = 0; each < zeros; each += 1) parts.push('');
    zeros = 0;
  };
  for (let index = 0; index < values.length; index += 1) {
    const step = values[index] - last;
    last = values[index];
    if (step === 0) {
      zeros += 1;
      continue;
    }
    closeRun();
    parts.push(step.toString(BASE));
  }
  closeRun();
  // One more, so that a list of one zero is not the empty list.
  return values.length === 0 ? '' : `${parts.join(',')};`;
}

export function unpackNumbers(text: string): number[] {
  const values: number[] = [];
  if (text === '') return values;
  let last = 0;
  for (const part of text.slice(0, -1).split(',')) {
    if (part.startsWith('*')) {
      for (let count = parseInt(part.slice(1), BASE); count > 0; count -= 1) values.push(last);
      continue;
    }
    if (part !== '') last += parseInt(part, BASE);
    values.push(last);
  }
  return values;
}
