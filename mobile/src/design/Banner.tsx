import { StyleSheet, View } from 'react-native';

import { Button } from './Button';
import { Text } from './Text';
import { usePalette } from './theme';
import { type Palette, radius, space } from './tokens';

export interface Props {
  readonly kind: 'info' | 'safe' | 'warning' | 'error';
  readonly title: string;
  readonly detail?: string;
  readonly action?: { readonly label: string; readonly onPress: () => void; readonly busy?: boolean };
}

const tones: Record<Props['kind'], { back: keyof Palette; text: keyof Palette }> = {
  info: { back: 'accentSoft', text: 'accent' },
  safe: { back: 'okSoft', text: 'ok' },
  warning: { back: 'markSoft', text: 'mark' },
  error: { back: 'recordSoft', text: 'record' },
};

/** A sentence about the whole view. Screen readers announce errors immediately (assertive), the rest when idle (polite). */
export function Banner({ kind, title, detail, action }: Props) {
  const palette = usePalette();
  const { back, text } = tones[kind];
  return (
    <View
      role={kind === 'error' ? 'alert' : 'status'}
      aria-live={kind === 'error' ? 'assertive' : 'polite'}
      style={[styles.banner, { backgroundColor: palette[back] }]}
    >
      <View style={styles.text}>
        <Text as="label" tone={text}>
          {title}
        </Text>
        {detail === undefined ? null : <Text>{detail}</Text>}
      </View>
      {action === undefined ? null : <Button {...action} />}
    </View>
  );
}

const styles = StyleSheet.create({
  banner: {
    flexDirection: 'row',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: space.m,
    padding: space.l,
    borderRadius: radius.m,
  },
  text: { flexGrow: 1, flexShrink: 1, flexBasis: 200, gap: space.xs },
});
