/** The start of the page: reads the data, draws the app, and says what went wrong where something does. */
import { render } from 'preact';
import { App } from './app.tsx';
import { Problem } from './parts/problem.tsx';
import { readPage } from './read-page.ts';
import './style.css';

const place = document.getElementById('app');
if (place !== null) {
  const read = readPage(document);
  place.replaceChildren();
  render('problem' in read ? <Problem text={read.problem} /> : <App page={read.page} />, place);
}
