import type { ReactNode } from 'react';
import { Modal, Pressable, ScrollView, StyleSheet, View, useWindowDimensions } from 'react-native';

import { IconButton } from './IconButton';
import { Text } from './Text';
import { usePalette } from './theme';
import { breakpoint, elevation, radius, space } from './tokens';

export interface Props {
  readonly title: string;
  readonly closeLabel: string;
  readonly visible: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A dialog from the lower edge, and in the middle of a wide screen. Escape, the back button, the scrim and the close button close it. */
export function Sheet({ title, closeLabel, visible, onClose, children }: Props) {
  const palette = usePalette();
  const wide = useWindowDimensions().width >= breakpoint.sidebar;
  return (
    <Modal aria-label={title} visible={visible} transparent animationType="fade" onRequestClose={onClose}>
      <View style={[styles.layer, wide && styles.middle]}>
        <Pressable
          aria-hidden
          importantForAccessibility="no"
          focusable={false}
          tabIndex={-1}
          onPress={onClose}
          style={[StyleSheet.absoluteFill, { backgroundColor: palette.scrim }]}
        />
        <View
          style={[styles.sheet, wide && styles.round, { backgroundColor: palette.sheet, boxShadow: elevation.high }]}
        >
          <View style={styles.head}>
            <Text as="heading" level={2} style={styles.title}>
              {title}
            </Text>
            <IconButton icon="close" label={closeLabel} onPress={onClose} />
          </View>
          <ScrollView style={styles.scroll} contentContainerStyle={styles.content} keyboardShouldPersistTaps="handled">
            {children}
          </ScrollView>
        </View>
      </View>
    </Modal>
  );
}

const styles = StyleSheet.create({
  layer: { flex: 1, justifyContent: 'flex-end', alignItems: 'center' },
  middle: { justifyContent: 'center' },
  sheet: {
    width: '100%',
    maxWidth: 560,
    maxHeight: '90%',
    borderTopStartRadius: radius.l,
    borderTopEndRadius: radius.l,
    padding: space.xl,
    gap: space.l,
  },
  round: { borderTopStartRadius: radius.m, borderTopEndRadius: radius.m, borderBottomStartRadius: radius.m, borderBottomEndRadius: radius.m },
  head: { flexDirection: 'row', alignItems: 'center', gap: space.m },
  title: { flex: 1 },
  // The ring of what has the focus lies outside of it, and is not to be cut off.
  scroll: { marginHorizontal: -space.s },
  content: { gap: space.l, paddingHorizontal: space.s, paddingTop: space.xs, paddingBottom: space.l },
});
