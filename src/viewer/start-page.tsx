/** The start of every page: reads the data, draws the app with its sections, and says what went wrong where something does. */
import { render } from 'preact';
import { App } from './app.tsx';
import { Problem } from './parts/problem.tsx';
import { readPage } from './read-page.ts';
import type { Section } from './section.ts';
import './style.css';

/** `sections`: all that this template can draw. */
export function startPage(sections: readonly Section[]): void {
  const place = document.getElementById('app');
  if (place === null) return;
  const read = readPage(document);
  place.replaceChildren();
  render('problem' in read ? <Problem text={read.problem} /> : <App page={read.page} all={sections} />, place);
}
