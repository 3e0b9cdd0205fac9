import { useState } from 'react';
import { type NativeSyntheticEvent, Platform } from 'react-native';

import { usePalette } from './theme';

interface Ring {
  readonly outlineColor: string;
  readonly outlineStyle: 'solid';
  readonly outlineWidth: number;
  readonly outlineOffset: number;
}

/** Browsers know whether the keyboard or a press gave the focus; a press needs no ring. */
function isByKeyboard(event: NativeSyntheticEvent<unknown>): boolean {
  const target: unknown = event.target;
  return typeof Element !== 'undefined' && target instanceof Element && target.matches(':focus-visible');
}

/** A ring around the control that has the keyboard's focus. */
export function useFocusRing(): {
  readonly ring: Ring | null;
  readonly focusProps: { onFocus: (event: NativeSyntheticEvent<unknown>) => void; onBlur: () => void };
} {
  const palette = usePalette();
  const [focused, setFocused] = useState(false);
  return {
    ring: focused && Platform.OS === 'web'
      ? { outlineColor: palette.accent, outlineStyle: 'solid', outlineWidth: 2, outlineOffset: 2 }
      : null,
    focusProps: { onFocus: (event) => setFocused(isByKeyboard(event)), onBlur: () => setFocused(false) },
  };
}
