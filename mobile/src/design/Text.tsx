import { type TextProps, Text as NativeText } from 'react-native';

import type { Palette } from './tokens';
import { usePalette } from './theme';
import { type TextRole, typography } from './typography';

export interface Props extends Omit<TextProps, 'role'> {
  readonly as?: TextRole;
  readonly tone?: keyof Palette;
  /** Level of a heading; without it the text is none. */
  readonly level?: 1 | 2 | 3;
  /** Screen readers announce it as soon as it appears. */
  readonly urgent?: boolean;
}

/** Text in a role of the type scale. It grows with the reader's text size. */
export function Text({ as = 'body', tone = 'ink', level, urgent = false, style, ...rest }: Props) {
  const palette = usePalette();
  return (
    <NativeText
      {...(level === undefined ? {} : { role: 'heading' as const, 'aria-level': level })}
      {...(urgent ? { role: 'alert' as const } : {})}
      style={[typography[as], { color: palette[tone] }, style]}
      {...rest}
    />
  );
}
