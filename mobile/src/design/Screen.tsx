import { type ReactNode, useEffect } from 'react';
import { Platform, ScrollView, StyleSheet, View, useWindowDimensions } from 'react-native';
import { SafeAreaView } from 'react-native-safe-area-context';

import { IconButton } from './IconButton';
import { Text } from './Text';
import { usePalette } from './theme';
import { READING_WIDTH, TOUCH, breakpoint, space } from './tokens';
import { typography } from './typography';

export interface Props {
  readonly title: string;
  readonly subtitle?: string;
  readonly back?: { readonly label: string; readonly onPress: () => void };
  /** At the end of the title's line. */
  readonly actions?: ReactNode;
  /** Below the content; stays in view. */
  readonly footer?: ReactNode;
  readonly children: ReactNode;
}

const APP = 'Pegasus';

/** A view with its title, content that scrolls, and a footer that does not. */
export function Screen({ title, subtitle, back, actions, footer, children }: Props) {
  const palette = usePalette();
  const narrow = useWindowDimensions().width < breakpoint.sidebar;
  // Beside the back button of a phone a long title would fill the screen.
  const size = narrow && back !== undefined ? 'heading' : 'title';
  useEffect(() => {
    if (Platform.OS === 'web') document.title = title === APP ? APP : `${title} · ${APP}`;
  }, [title]);
  return (
    <SafeAreaView style={[styles.screen, { backgroundColor: palette.paper }]}>
      <ScrollView
        contentContainerStyle={styles.scroll}
        keyboardShouldPersistTaps="handled"
        {...(Platform.OS === 'web' ? { role: 'main' as const } : {})}
      >
        <View style={styles.column}>
          <View style={styles.head}>
            {back === undefined ? null : (
              <View style={styles.back}>
                <IconButton icon="back" {...back} />
              </View>
            )}
            <View style={[styles.titles, { paddingTop: (TOUCH - (typography[size].lineHeight ?? TOUCH)) / 2 }]}>
              <Text as={size} level={1}>
                {title}
              </Text>
              {subtitle === undefined ? null : (
                <Text as="caption" tone="soft">
                  {subtitle}
                </Text>
              )}
            </View>
            {actions === undefined || actions === null ? null : <View style={styles.actions}>{actions}</View>}
          </View>
          {children}
        </View>
      </ScrollView>
      {footer === undefined || footer === null ? null : (
        <View style={[styles.footer, { borderTopColor: palette.line, backgroundColor: palette.sheet }]}>
          <View style={styles.foot}>{footer}</View>
        </View>
      )}
    </SafeAreaView>
  );
}

const styles = StyleSheet.create({
  screen: { flex: 1 },
  scroll: { flexGrow: 1, alignItems: 'center', padding: space.xl },
  column: { width: '100%', maxWidth: READING_WIDTH, flexGrow: 1, gap: space.xl },
  foot: { width: '100%', maxWidth: READING_WIDTH },
  // The back button stands beside the first line of a long title.
  // With large text the title takes lines of its own.
  head: { flexDirection: 'row', flexWrap: 'wrap', alignItems: 'flex-start', columnGap: space.m },
  // Its sign stands on the edge of what is below it.
  back: { marginStart: -space.m },
  actions: { minHeight: TOUCH, flexDirection: 'row', alignItems: 'center' },
  titles: { flexGrow: 1, flexShrink: 1, flexBasis: 150, minWidth: 0, gap: space.xs },
  footer: { alignItems: 'center', paddingHorizontal: space.xl, paddingVertical: space.m, borderTopWidth: StyleSheet.hairlineWidth },
});
