import type { ReactNode } from 'react';
import { StyleSheet, View } from 'react-native';

import { Text } from './Text';
import { space } from './tokens';

/** What is said where nothing is there: why, and what to do. */
export function EmptyState({ title, detail, children }: { title?: string; detail?: string; children?: ReactNode }) {
  return (
    <View style={styles.empty}>
      {title === undefined ? null : (
        <Text as="heading" level={2} style={styles.centred}>
          {title}
        </Text>
      )}
      {detail === undefined ? null : (
        <Text tone="soft" style={styles.centred}>
          {detail}
        </Text>
      )}
      {children === undefined ? null : <View style={styles.ways}>{children}</View>}
    </View>
  );
}

const styles = StyleSheet.create({
  empty: { alignItems: 'center', gap: space.m, paddingVertical: space.xxxl, paddingHorizontal: space.l, maxWidth: 480, alignSelf: 'center' },
  ways: { marginTop: space.m },
  centred: { textAlign: 'center' },
});
