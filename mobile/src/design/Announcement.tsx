import { StyleSheet, Text } from 'react-native';

/** Read out by screen readers when they have nothing else to say, and not shown: what it says stands in the view. */
export function Announcement({ children }: { children: string }) {
  return (
    <Text role="status" aria-live="polite" style={styles.unseen}>
      {children}
    </Text>
  );
}

const styles = StyleSheet.create({
  unseen: { position: 'absolute', width: 1, height: 1, overflow: 'hidden', opacity: 0 },
});
