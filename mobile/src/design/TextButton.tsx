import { Pressable, StyleSheet } from 'react-native';

import { Text } from './Text';
import { useFocusRing } from './focus';
import { TOUCH, radius, space } from './tokens';

/** A control that is a short sign in letters, such as a speed. Its name has the sign, so that it can be called by what is seen. */
export function TextButton({ label, text, onPress }: { label: string; text: string; onPress: () => void }) {
  const { ring, focusProps } = useFocusRing();
  return (
    <Pressable
      role="button"
      aria-label={label.includes(text) ? label : `${text}, ${label}`}
      onPress={onPress}
      {...focusProps}
      style={({ pressed }) => [styles.button, pressed && styles.pressed, ring]}
    >
      <Text as="label" tone="soft" style={styles.text}>
        {text}
      </Text>
    </Pressable>
  );
}

const styles = StyleSheet.create({
  button: { minWidth: TOUCH, maxWidth: '100%', minHeight: TOUCH, alignItems: 'center', justifyContent: 'center', borderRadius: radius.s, paddingHorizontal: space.xs },
  text: { textAlign: 'center', fontVariant: ['tabular-nums'] },
  pressed: { opacity: 0.7 },
});
