import { describe, expect, it } from 'vitest';
import { CAUSES } from '../../../src/data/causes.ts';
import { causeWords } from '../../../src/report/page/cause-words.ts';
import { TONES } from '../../../src/report/page/chart-model.ts';
import { markText, roundMarks, valueText } from '../../../src/report/page/chart-text.ts';
import { DATA_PLACE, embedPage } from '../../../src/report/page/embed-page.ts';
import type { PageData } from '../../../src/report/page/page-data.ts';
import { DARK, LIGHT } from '../../../src/report/page/palette.ts';

describe('words of causes', () => {
  it('are there for every cause of the registry', () => {
    const real = CAUSES.filter((cause) => cause !== 'none' && !cause.startsWith('retired_'));
    expect(real.filter((cause) => causeWords(cause) === cause.replaceAll('_', ' '))).toEqual([]);
  });
});

describe('a page in its template', () => {
  const template = `<title>@@page-title@@</title><script type="application/json">${DATA_PLACE}</script>`;
  const evil = {
    title: '</title><script>$& alert(1)</script>',
    name: '</script><!--<script>\u2028',
  } as unknown as PageData;

  it('cannot end the element that it stands in', () => {
    const html = embedPage(template, evil);
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html.match(/<\/script/g)).toHaveLength(1);
    expect(html).not.toContain('<!--');
    expect(html).toContain('<title>&lt;/title&gt;&lt;script&gt;$&amp; alert(1)&lt;/script&gt;</title>');
  });

  it('is the same data when it is read', () => {
    const html = embedPage(template, evil);
    const text = html.slice(html.indexOf('json">') + 6, html.lastIndexOf('</script>'));
    expect(JSON.parse(text)).toEqual(evil);
  });

  it('refuses a template without a single place for it', () => {
    expect(() => embedPage('<title></title>', evil)).toThrow('no single place');
    expect(() => embedPage(DATA_PLACE + DATA_PLACE, evil)).toThrow('no single place');
  });
});

describe('marks of an axis', () => {
  it('are round, few and reach as far as they can', () => {
    expect(roundMarks(148_047, 5)).toEqual([0, 50_000, 100_000]);
    expect(roundMarks(1, 5)).toEqual([0, 0.2, 0.4, 0.6000000000000001, 0.8, 1]);
    expect(roundMarks(0, 5)).toEqual([0]);
    for (const top of [3, 17, 999, 1e6, 123_456_789, 0.02]) expect(roundMarks(top, 5).length).toBeLessThanOrEqual(6);
  });

  it('of one axis are all in one unit', () => {
    const texts = (top: number): string[] => roundMarks(top, 5).map((mark) => markText(mark, 'count', top));
    expect(texts(125_000)).toEqual(['0', '25 k', '50 k', '75 k', '100 k', '125 k']);
    expect(texts(99_000)).toEqual(['0', '20 000', '40 000', '60 000', '80 000']);
  });

  it('and values stand in human form', () => {
    expect(['share', 'bytes', 'seconds', 'bits', 'count'].map((unit) => valueText(0.25, unit as 'share'))).toEqual([
      ...['25 %', '0.3 B', '250 ms', '0.25 bits', '0.25'],
    ]);
  });
});

/** WCAG 2.2, relative luminance; the curve is a literal approximation with exact squares. */
function luminance(colour: string): number {
  const parts = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255);
  const [red, green, blue] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(left: string, right: string): number {
  const [dark, light] = [luminance(left), luminance(right)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

describe('the palettes', () => {
  it.each([
    ['light', LIGHT],
    ['dark', DARK],
  ])('%s: texts have 4.5 to 1, lines and areas 3 to 1', (_, palette) => {
    for (const text of [palette.text, palette.faint, palette.fault, palette.repair])
      expect(contrast(text, palette.background)).toBeGreaterThan(4.5);
    const faint = TONES.filter((tone) => contrast(palette.tones[tone], palette.background) < 3);
    expect(faint).toEqual([]);
  });
});
