import type { ReactNode } from 'react';
import { Pressable, StyleSheet, View } from 'react-native';

import { ProgressBar } from './ProgressBar';
import { type SignStatus, Sign } from './Sign';
import { Text } from './Text';
import { useFocusRing } from './focus';
import { usePalette } from './theme';
import { TOUCH, radius, space } from './tokens';

export interface Props {
  readonly title: string;
  readonly detail?: string;
  /** What screen readers say; without it, the title and the detail. */
  readonly label?: string;
  /** A second line of detail. The row keeps its height while there is none for a time. */
  readonly more?: string | null;
  /** 0 to 100: how far the work on it is, along the lower edge. */
  readonly percent?: number;
  /** A sign at the start; what it means is in `detail`. */
  readonly sign?: SignStatus;
  readonly trailing?: ReactNode;
  /** Below the text, such as the progress of an upload. */
  readonly children?: ReactNode;
  readonly selected?: boolean;
  readonly href?: string;
  readonly onPress: () => void;
}

/** A row that leads somewhere. On the web it is a link, which can be opened in another tab. */
export function ListRow({ title, detail, label, more, percent, sign, trailing, children, selected = false, href, onPress }: Props) {
  const palette = usePalette();
  const { ring, focusProps } = useFocusRing();
  return (
    <Pressable
      role={href === undefined ? 'button' : 'link'}
      {...(href === undefined ? {} : { href })}
      aria-label={label ?? (detail === undefined ? title : `${title}, ${detail}`)}
      aria-current={selected ? 'page' : undefined}
      onPress={(event) => {
        event.preventDefault?.();
        onPress();
      }}
      {...focusProps}
      style={({ pressed }) => [
        styles.row,
        { borderBottomColor: palette.line },
        (selected || pressed) && [styles.chosen, { backgroundColor: palette.accentSoft }],
        ring,
      ]}
    >
      {sign === undefined ? null : <Sign status={sign} />}
      <View style={styles.text}>
        <Text as="label" tone={selected ? 'accent' : 'ink'} numberOfLines={3}>
          {title}
        </Text>
        {detail === undefined ? null : (
          <Text as="caption" tone="soft">
            {detail}
          </Text>
        )}
        {more === undefined ? null : (
          <Text as="caption" tone="soft">
            {more ?? ' '}
          </Text>
        )}
        {children}
      </View>
      {trailing}
      {percent === undefined ? null : (
        <View style={styles.edge}>
          <ProgressBar thin label={title} percent={percent} />
        </View>
      )}
    </Pressable>
  );
}

const styles = StyleSheet.create({
  row: {
    minHeight: TOUCH + space.l,
    flexDirection: 'row',
    alignItems: 'center',
    gap: space.m,
    paddingVertical: space.m,
    paddingHorizontal: space.s,
    borderBottomWidth: StyleSheet.hairlineWidth,
  },
  chosen: { borderRadius: radius.s },
  // Over the line below the row: it comes and goes without moving what is around it.
  edge: { position: 'absolute', start: 0, end: 0, bottom: 0 },
  text: { flex: 1, minWidth: 0, gap: space.xs },
});
