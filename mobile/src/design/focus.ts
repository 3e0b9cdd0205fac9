import { useState } from 'react';
import { Platform } from 'react-native';

import { usePalette } from './theme';

interface Ring {
  readonly outlineColor: string;
  readonly outlineStyle: 'solid';
  readonly outlineWidth: number;
  readonly outlineOffset: number;
}

/** A ring around the control that has the keyboard's focus. */
export function useFocusRing(): {
  readonly ring: Ring | null;
  readonly focusProps: { onFocus: () => void; onBlur: () => void };
} {
  const palette = usePalette();
  const [focused, setFocused] = useState(false);
  return {
    ring: focused && Platform.OS === 'web'
      ? { outlineColor: palette.accent, outlineStyle: 'solid', outlineWidth: 2, outlineOffset: 2 }
      : null,
    focusProps: { onFocus: () => setFocused(true), onBlur: () => setFocused(false) },
  };
}
