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
  /** A second line of detail. */
  readonly more?: string;
  /** Shown behind the detail, and in place of `more`: what changes all the time. It is not part of the row's name, which would be read out again and again. */
  readonly passing?: { readonly detail?: string; readonly more?: string };
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

/** A row that leads somewhere. On the web it is a link, which can be opened in another tab. Its name is what it shows, in that order. */
export function ListRow({ title, detail, more, passing = {}, percent, sign, trailing, children, selected = false, href, onPress }: Props) {
  const palette = usePalette();
  const { ring, focusProps } = useFocusRing();
  const facts = [title, detail, more].filter((text) => text !== undefined);
  return (
    <View>
      <Pressable
        role={href === undefined ? 'button' : 'link'}
        {...(href === undefined ? {} : { href })}
        aria-label={facts.join(', ')}
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
              {passing.detail === undefined ? null : <Text as="caption" tone="soft" aria-hidden>{` · ${passing.detail}`}</Text>}
            </Text>
          )}
          {more === undefined ? null : (
            <Text as="caption" tone="soft" aria-hidden={passing.more !== undefined}>
              {passing.more ?? more}
            </Text>
          )}
          {children}
        </View>
        {trailing}
      </Pressable>
      {percent === undefined ? null : (
        <View style={styles.edge}>
          <ProgressBar thin label={title} percent={percent} />
        </View>
      )}
    </View>
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
