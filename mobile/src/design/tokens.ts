/** Colours by meaning. Text colours have a contrast of 4.5:1 or more on `paper` and `sheet`; `ink` has 7:1. */
export interface Palette {
  readonly paper: string;
  readonly sheet: string;
  readonly ink: string;
  readonly soft: string;
  readonly line: string;
  /** Borders of controls: 3:1 or more against `sheet`. */
  readonly edge: string;
  readonly accent: string;
  readonly accentSoft: string;
  readonly onAccent: string;
  /** What the student marked. */
  readonly mark: string;
  readonly markSoft: string;
  /** Recording, and what cannot be undone. */
  readonly record: string;
  readonly recordSoft: string;
  readonly onRecord: string;
  /** What is done or safe. */
  readonly ok: string;
  readonly okSoft: string;
  readonly scrim: string;
}

export const light: Palette = {
  paper: '#faf8f4',
  sheet: '#ffffff',
  ink: '#1c2530',
  soft: '#58626d',
  line: '#e7e2d9',
  edge: '#8a8f95',
  accent: '#1f6683',
  accentSoft: '#e3eff3',
  onAccent: '#ffffff',
  mark: '#80540f',
  markSoft: '#faf0dc',
  record: '#b93626',
  recordSoft: '#fbe9e6',
  onRecord: '#ffffff',
  ok: '#28704f',
  okSoft: '#e2f1ea',
  scrim: 'rgba(28, 37, 48, 0.45)',
};

export const dark: Palette = {
  paper: '#11161b',
  sheet: '#1a2128',
  ink: '#e9e6df',
  soft: '#a3adb7',
  line: '#29323a',
  edge: '#6d7884',
  accent: '#7fbdd6',
  accentSoft: '#1d3540',
  onAccent: '#0d1a21',
  mark: '#e0b15c',
  markSoft: '#352c19',
  record: '#f0806f',
  recordSoft: '#3a2320',
  onRecord: '#240b07',
  ok: '#74c6a0',
  okSoft: '#17322a',
  scrim: 'rgba(0, 0, 0, 0.6)',
};

/** Steps of four. */
export const space = { xs: 4, s: 8, m: 12, l: 16, xl: 24, xxl: 32, xxxl: 48 } as const;

export const radius = { s: 12, m: 18, l: 36, round: 999 } as const;

/** Hit areas are no smaller than this in either direction. */
export const TOUCH = 44;

export const duration = { short: 150, long: 250 } as const;

/** Widths from which the layout has a side column, and a third one. */
export const breakpoint = { sidebar: 840, aside: 1200 } as const;

/** About 68 characters of reading text. */
export const READING_WIDTH = 640;

export const elevation = {
  low: '0 1px 2px rgba(28, 37, 48, 0.05), 0 8px 24px rgba(28, 37, 48, 0.07)',
  high: '0 2px 6px rgba(28, 37, 48, 0.10), 0 18px 48px rgba(28, 37, 48, 0.18)',
} as const;
