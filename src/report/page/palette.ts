/**
 * Colours of drawings, in light and dark. Tones after Okabe and Ito, so that those whose eyes tell fewer colours apart still
 * tell these; each has at least 3 to 1 against its background (WCAG 1.4.11), texts 4.5 to 1: a test computes both.
 */
import type { Tone } from './chart-model.ts';

export interface Palette {
  background: string;
  text: string;
  /** Marks of axes. */
  faint: string;
  grid: string;
  fault: string;
  repair: string;
  tones: Readonly<Record<Tone, string>>;
}

export const LIGHT: Palette = {
  background: '#ffffff',
  text: '#16202c',
  faint: '#56616e',
  grid: '#e6eaef',
  fault: '#b3470a',
  repair: '#0b7a5b',
  tones: {
    red: '#cf4a12',
    sky: '#2f95d6',
    amber: '#b98800',
    purple: '#a8498a',
    blue: '#1f5fb0',
    green: '#0d8a66',
    brown: '#74584a',
    grey: '#87919d',
  },
};

export const DARK: Palette = {
  background: '#10161d',
  text: '#e7edf4',
  faint: '#9fabb8',
  grid: '#232d38',
  fault: '#ff9b66',
  repair: '#3ecf9f',
  tones: {
    red: '#f0743c',
    sky: '#63bdf2',
    amber: '#eabf3a',
    purple: '#dd8cc4',
    blue: '#6b9ff0',
    green: '#35c795',
    brown: '#c3a593',
    grey: '#8d99a6',
  },
};
