import { useId } from 'react';
import { StyleSheet, TextInput, type TextInputProps, View } from 'react-native';

import { Text } from './Text';
import { useFocusRing } from './focus';
import { usePalette } from './theme';
import { TOUCH, radius, space } from './tokens';
import { typography } from './typography';

export interface Props extends Omit<TextInputProps, 'style' | 'aria-label' | 'id'> {
  readonly label: string;
  readonly help?: string;
  /** Why the value is not accepted. */
  readonly error?: string | null;
}

export function TextField({ label, help, error = null, ...input }: Props) {
  const palette = usePalette();
  const id = useId();
  const { ring, focusProps } = useFocusRing();
  const note = error ?? help;
  return (
    <View style={styles.field}>
      <Text as="label" nativeID={`${id}-label`}>
        {label}
      </Text>
      <TextInput
        {...input}
        aria-label={label}
        accessibilityLabelledBy={`${id}-label`}
        {...(note === undefined ? {} : { accessibilityHint: note })}
        placeholderTextColor={palette.soft}
        {...focusProps}
        style={[
          typography.body,
          styles.input,
          { color: palette.ink, backgroundColor: palette.sheet, borderColor: error === null ? palette.edge : palette.record },
          ring,
        ]}
      />
      {note === undefined ? null : (
        <Text as="caption" tone={error === null ? 'soft' : 'record'} urgent={error !== null}>
          {note}
        </Text>
      )}
    </View>
  );
}

const styles = StyleSheet.create({
  field: { gap: space.xs },
  input: { minHeight: TOUCH, borderWidth: 1, borderRadius: radius.s, paddingHorizontal: space.m, paddingVertical: space.s },
});
