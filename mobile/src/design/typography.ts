import { Platform, type TextStyle } from 'react-native';

const sans = Platform.select({
  web: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  default: undefined,
});

const serif = Platform.select({
  ios: 'Georgia',
  android: 'serif',
  web: 'Charter, "Source Serif 4", "Noto Serif", Georgia, serif',
  default: undefined,
});

export type TextRole = 'title' | 'heading' | 'reading' | 'label' | 'body' | 'caption' | 'timer';

type Face = Pick<TextStyle, 'fontSize' | 'lineHeight' | 'fontWeight' | 'fontVariant' | 'letterSpacing'> & {
  readonly fontFamily?: string;
};

const face = (family: string | undefined, rest: Omit<Face, 'fontFamily'>): Face =>
  family === undefined ? rest : { fontFamily: family, ...rest };

/** Serif for what was said and for titles; sans for controls. */
export const typography: Record<TextRole, Face> = {
  timer: face(serif, { fontSize: 64, lineHeight: 72, fontVariant: ['tabular-nums'], letterSpacing: -1 }),
  title: face(serif, { fontSize: 28, lineHeight: 34, fontWeight: '600', letterSpacing: -0.3 }),
  heading: face(serif, { fontSize: 20, lineHeight: 26, fontWeight: '600' }),
  reading: face(serif, { fontSize: 17, lineHeight: 28 }),
  label: face(sans, { fontSize: 15, lineHeight: 22, fontWeight: '600' }),
  body: face(sans, { fontSize: 15, lineHeight: 22 }),
  caption: face(sans, { fontSize: 13, lineHeight: 18, fontVariant: ['tabular-nums'] }),
};
