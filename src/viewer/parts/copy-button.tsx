/** Copies a text; says that it has. A page from disk may have no clipboard: then the text is selected to be copied by hand. */
import { useState } from 'preact/hooks';

const SAID_MILLIS = 1800;

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [said, setSaid] = useState('');
  const copy = async (): Promise<void> => {
    setSaid((await copied(text)) ? 'Copied' : 'Press Ctrl+C');
    setTimeout(() => setSaid(''), SAID_MILLIS);
  };
  return (
    <button type="button" class="small copy" onClick={() => void copy()}>
      <span aria-live="polite">{said === '' ? label : said}</span>
    </button>
  );
}

async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedBySelection(text);
  }
}

function copiedBySelection(text: string): boolean {
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'unseen';
  document.body.append(field);
  field.select();
  try {
    return document.execCommand('copy');
  } finally {
    field.remove();
  }
}
